/** How a turn ended when it did not end well: in place, in words that fit, with the next step. */
import { CircleAlert, CircleSlash } from "lucide-react";
import { useTranslation } from "react-i18next";
import { kindOfStored } from "../../gateway/chat-model.ts";
import { Button } from "../../ui/Button.tsx";
import { Notice } from "../../ui/Notice.tsx";
import type { Turn } from "./rows.ts";

function useEnding({ failure, last }: Turn) {
  const { t } = useTranslation();
  const { stopReason, errorMessage = "", incomplete } = last ?? {};
  if (failure?.kind === "aborted" || stopReason === "aborted") return { isCalm: true, title: t("chat.stopped") };
  if (failure || stopReason === "error") {
    const words = {
      refusal: t("chat.errorRefusal"),
      timeout: t("chat.errorTimeout"),
      rate_limit: t("chat.errorRate"),
      context_length: t("chat.errorContext"),
      unknown: t("chat.errorUnknown"),
      aborted: t("chat.stopped"),
    };
    return {
      isCalm: false,
      title: words[failure?.kind ?? kindOfStored(errorMessage)],
      detail: failure?.message ?? errorMessage,
    };
  }
  if (stopReason === "refusal") return { isCalm: false, title: t("chat.errorRefusal"), detail: errorMessage };
  if (stopReason === "interrupted") return { isCalm: true, title: t("chat.interrupted") };
  if (stopReason === "length") return { isCalm: true, title: t("chat.truncated") };
  return incomplete ? { isCalm: true, title: t("chat.incomplete"), detail: errorMessage } : undefined;
}

export function TurnNote({ turn, onRetry }: { turn: Turn; onRetry: (() => void) | undefined }) {
  const { t } = useTranslation();
  const ending = useEnding(turn);
  if (!ending || turn.phase) return null;
  const hasAnswer = turn.text !== "";
  return (
    <Notice
      tone={ending.isCalm ? "neutral" : "danger"}
      className="mt-3"
      icon={ending.isCalm ? <CircleSlash size={15} aria-hidden /> : <CircleAlert size={15} aria-hidden />}
      action={
        onRetry ? (
          <Button size="small" className="-my-0.5" onClick={onRetry}>
            {t("chat.retryTurn")}
          </Button>
        ) : undefined
      }
    >
      <p className="font-medium">{ending.title}</p>
      {ending.detail ? <p className="text-small text-soft">{ending.detail}</p> : null}
      {hasAnswer && !ending.isCalm ? <p className="text-small text-soft">{t("chat.incomplete")}</p> : null}
    </Notice>
  );
}
