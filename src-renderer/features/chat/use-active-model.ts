/** The model that would answer in a conversation, and whether it is the demo. */
import { useAppState } from "../../gateway/use-app.ts";

/** Its `ref` is `provider/model`. */
export function useActiveModel(sessionKey: string) {
  const kept = useAppState((state) => state.chosenModels[sessionKey]);
  const set = useAppState((state) => state.sessions.find((row) => row.key === sessionKey)?.model);
  const chosen = kept ?? set;
  const models = useAppState((state) => state.models);
  const row = models.find((model) => model.ref === chosen) ?? models.find((model) => model.isDefault);
  const ref = row?.ref ?? chosen;
  return { ref, row, isDemo: (row?.provider ?? ref?.split("/")[0]) === "demo" };
}
