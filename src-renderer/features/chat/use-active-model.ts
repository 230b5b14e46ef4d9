/** The model that would answer in a conversation, and whether it is the demo. */
import type { ModelRow } from "#main/protocol/methods/config.ts";
import { useAppState } from "../../gateway/use-app.ts";

export interface ActiveModel {
  /** `provider/model` */
  ref: string | undefined;
  row: ModelRow | undefined;
  isDemo: boolean;
}

export function useActiveModel(sessionKey: string): ActiveModel {
  const kept = useAppState((state) => state.chosenModels[sessionKey]);
  const set = useAppState((state) => state.sessions.find((row) => row.key === sessionKey)?.model);
  const chosen = kept ?? set;
  const models = useAppState((state) => state.models);
  const row = models.find((model) => model.ref === chosen) ?? models.find((model) => model.isDefault);
  const ref = row?.ref ?? chosen;
  return { ref, row, isDemo: (row?.provider ?? ref?.split("/")[0]) === "demo" };
}
