/** Whom the next message in a conversation of a platform is for, said before it is sent. */
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { isolated } from "../../../gateway/channel-model.ts";
import { Segmented } from "../../../ui/Segmented.tsx";
import { useTalk } from "./TakeOver.tsx";

export type Addressee = "person" | "assistant";

export interface Talk {
  /** Undefined: a conversation of the window. */
  to: Addressee | undefined;
  /** Who reads the next message, for the field. */
  placeholder: string | undefined;
  name: string;
  choose(to: Addressee): void;
}

/** The person when the conversation was taken over, the assistant otherwise, unless chosen differently. */
export function useAnswerChoice(sessionKey: string): Talk {
  const { t } = useTranslation();
  const talk = useTalk(sessionKey);
  const usual: Addressee = talk?.isTaken ? "person" : "assistant";
  const [chosen, setChosen] = useState(usual);
  useEffect(() => setChosen(usual), [usual]);
  if (!talk?.mayWrite) return { to: undefined, placeholder: undefined, name: "", choose: setChosen };
  const { name, platform } = talk;
  const placeholder =
    chosen === "person" ? t("talk.toPerson", { name: isolated(name), platform }) : t("talk.toAssistant");
  return { to: chosen, placeholder, name, choose: setChosen };
}

export function AnswerChoice({ talk }: { talk: Talk }) {
  const { t } = useTranslation();
  if (!talk.to) return null;
  const name = isolated(talk.name);
  return (
    <div className="flex px-2 pt-2">
      <Segmented
        label={t("talk.whom")}
        value={talk.to}
        onChange={talk.choose}
        options={[
          { value: "person", label: t("talk.answer", { name }) },
          { value: "assistant", label: t("talk.ask") },
        ]}
      />
    </div>
  );
}
