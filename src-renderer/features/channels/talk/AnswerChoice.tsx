/** Whom the next message in a conversation of a platform is for, said before it is sent. */
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { isolated } from "../../../gateway/channel-model.ts";
import { Segmented } from "../../../ui/Segmented.tsx";
import { useTalk } from "./TakeOver.tsx";

type Addressee = "person" | "assistant";

export type Talk = ReturnType<typeof useAnswerChoice>;

/**
 * The person when the conversation was taken over, the assistant otherwise, unless chosen differently; nobody in a
 * conversation of the window.
 */
export function useAnswerChoice(sessionKey: string) {
  const { t } = useTranslation();
  const talk = useTalk(sessionKey);
  const usual: Addressee = talk?.isTaken ? "person" : "assistant";
  const [to, choose] = useState(usual);
  useEffect(() => choose(usual), [usual]);
  if (!talk?.mayWrite) return { to: undefined, placeholder: undefined, name: "", choose };
  const name = isolated(talk.name);
  const placeholder = to === "person" ? t("talk.toPerson", { name, platform: talk.platform }) : t("talk.toAssistant");
  return { to, placeholder, name, choose };
}

export function AnswerChoice({ talk: { to, name, choose } }: { talk: Talk }) {
  const { t } = useTranslation();
  if (!to) return null;
  const options = [
    { value: "person", label: t("talk.answer", { name }) },
    { value: "assistant", label: t("talk.ask") },
  ] as const;
  return (
    <div className="flex px-2 pt-2">
      <Segmented<Addressee> label={t("talk.whom")} value={to} onChange={choose} options={options} />
    </div>
  );
}
