/** Asks the gateway what would happen to a call, without making it. */
import { useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Explained } from "../../../gateway/acting-actions.ts";
import { wordsOf } from "../../../gateway/chat-actions.ts";
import { useApp, useAppState } from "../../../gateway/use-app.ts";
import { Badge } from "../../../ui/Badge.tsx";
import { Button } from "../../../ui/Button.tsx";
import { Notice } from "../../../ui/Notice.tsx";
import { Select } from "../../../ui/Select.tsx";
import { TextField } from "../../../ui/TextField.tsx";
import { useReport } from "../../settings/use-report.ts";
import { readArgs, toExample } from "../rules.ts";
import { useLevelWords } from "../use-words.ts";

export function TryIt() {
  const { t } = useTranslation();
  const app = useApp();
  const sessionKey = useAppState((state) => state.activeKey);
  const read = useCallback(() => app.acting.catalog(), [app]);
  const { value, error } = useReport(read);
  const tools = (value?.groups ?? []).flatMap((group) => group.tools);
  const [tool, setTool] = useState("");
  const [args, setArgs] = useState("{}");
  const [answer, setAnswer] = useState<Explained | string>();
  const parsed = readArgs(args);
  const choose = (next: string) => {
    setTool(next);
    setAnswer(undefined);
    setArgs(toExample(tools.find((known) => known.id === next)?.params));
  };
  if (error) return <Notice tone="danger">{error}</Notice>;
  return (
    <form
      className="flex flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (!parsed) return;
        const asked = app.acting.explain({ tool, args: parsed, sessionKey });
        void asked.then(setAnswer, (thrown: unknown) => setAnswer(wordsOf(thrown)));
      }}
    >
      <Select
        label={t("approvals.tryTool")}
        placeholder={t("approvals.tryTool")}
        value={tool}
        onChange={choose}
        options={tools.map((known) => ({ value: known.id, label: known.label }))}
        className="self-start"
      />
      <TextField
        isLong
        label={t("approvals.tryArgs")}
        value={args}
        onChange={setArgs}
        error={parsed ? undefined : t("approvals.tryJson")}
      />
      <Button type="submit" className="self-start" disabled={tool === "" || !parsed}>
        {t("approvals.tryAsk")}
      </Button>
      <div role="status">{answer === undefined ? null : <Answer answer={answer} />}</div>
    </form>
  );
}

function Answer({ answer }: { answer: Explained | string }) {
  const { t } = useTranslation();
  const levelWords = useLevelWords();
  if (typeof answer === "string") return <Notice tone="danger">{answer}</Notice>;
  const tone = answer.decision === "allow" ? "ok" : answer.decision === "ask" ? "neutral" : "danger";
  return (
    <Notice tone="neutral">
      <p className="flex flex-wrap items-center gap-2 text-ink">
        <Badge tone={tone}>{t(`approvals.decision_${answer.decision}`)}</Badge>
        {levelWords(answer.level)}
      </p>
      <p className="mt-1 text-small">{answer.reason}</p>
      {answer.rule ? <p className="mt-0.5 font-mono text-small text-faint">{answer.rule}</p> : null}
    </Notice>
  );
}
