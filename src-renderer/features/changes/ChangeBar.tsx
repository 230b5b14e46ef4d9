/** Under a call that changed files: which ones, taking it back, and what stands against that. */
import { FilePen, Undo2 } from "lucide-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { changesOf } from "../../gateway/acting-actions.ts";
import { wordsOf } from "../../gateway/chat-actions.ts";
import { may } from "../../gateway/store.ts";
import { useApp, useAppState } from "../../gateway/use-app.ts";
import { Badge } from "../../ui/Badge.tsx";
import { Button } from "../../ui/Button.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { useWork } from "../settings/use-work.ts";

export function ChangeBar({ sessionKey, callId }: { sessionKey: string; callId: string }) {
  const { t } = useTranslation();
  const app = useApp();
  const all = useAppState((state) => state.changes[sessionKey]);
  const changes = useMemo(() => changesOf(all, callId), [all, callId]);
  const mayUndo = useAppState((state) => may(state, "operator.write") && state.methods.has("changes.undo"));
  const [conflict, setConflict] = useState<string>();
  const { isBusy, run } = useWork();
  if (changes.length === 0) return null;
  const isUndone = changes.every((change) => change.undoneAt !== undefined);
  const refused = (thrown: unknown) => {
    setConflict(wordsOf(thrown));
    return true;
  };
  const undo = (force: boolean) =>
    run(app.acting.undo(sessionKey, callId, force), () => setConflict(undefined), refused);
  return (
    <div className="border-t border-line bg-side px-3 py-1.5">
      <div className="flex min-h-7 flex-wrap items-center gap-x-2.5 gap-y-1 text-small text-soft">
        <FilePen size={13} aria-hidden className="shrink-0 text-faint" />
        <ul className="flex min-w-0 flex-1 flex-wrap gap-x-3">
          {changes.map((change) => (
            <li key={change.changeId} className="min-w-0 [overflow-wrap:anywhere]">
              <span className="font-mono">{change.path}</span>{" "}
              <span className="text-faint">{t(`changes.${change.kind}`)}</span>
            </li>
          ))}
        </ul>
        {isUndone ? (
          <Badge>{t("changes.undone")}</Badge>
        ) : mayUndo ? (
          <Button
            size="small"
            look="ghost"
            isBusy={isBusy}
            icon={<Undo2 size={13} aria-hidden />}
            onClick={() => undo(false)}
          >
            {t("common.undo")}
          </Button>
        ) : null}
      </div>
      {conflict && !isUndone ? (
        <Notice
          tone="warn"
          role="alert"
          className="my-1.5"
          action={
            <div className="flex shrink-0 flex-wrap gap-2">
              <Button size="small" onClick={() => setConflict(undefined)}>
                {t("common.cancel")}
              </Button>
              <Button size="small" look="danger" isBusy={isBusy} onClick={() => undo(true)}>
                {t("changes.anyway")}
              </Button>
            </div>
          }
        >
          <p className="font-medium">{t("changes.conflict")}</p>
          <p className="text-small whitespace-pre-wrap">{conflict}</p>
        </Notice>
      ) : null}
    </div>
  );
}
