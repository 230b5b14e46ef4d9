/** Under an answer: copy, answer again, and which model wrote it when. */
import { RefreshCw } from "lucide-react";
import { useTranslation } from "react-i18next";
import { toCompact, toWhen } from "../../i18n/format.ts";
import { cx } from "../../ui/class-names.ts";
import { IconButton } from "../../ui/IconButton.tsx";
import { toLine } from "../settings/parts.tsx";
import { CopyButton } from "./markdown/CodeBlock.tsx";
import type { Turn } from "./rows.ts";

export function TurnFooter({
  turn,
  onAgain,
  isLast,
}: {
  turn: Turn;
  onAgain: (() => void) | undefined;
  isLast: boolean;
}) {
  const { t, i18n } = useTranslation();
  const compact = (count: number) => toCompact(count, i18n.language);
  const { model, timestamp, usage, incomplete } = turn.last ?? {};
  const isBad = turn.failure !== undefined || incomplete;
  return (
    <footer
      className={cx(
        "mt-1 -ml-1.5 flex min-h-7 items-center gap-0.5 text-small text-faint transition-opacity duration-100",
        !isLast && "opacity-0 group-focus-within/turn:opacity-100 group-hover/turn:opacity-100 touch:opacity-100",
      )}
    >
      {turn.text ? <CopyButton text={turn.text} label={t("chat.copyAnswer")} /> : null}
      {onAgain && !isBad ? (
        <IconButton
          size="small"
          label={t("chat.regenerate")}
          icon={<RefreshCw size={14} aria-hidden />}
          onClick={onAgain}
        />
      ) : null}
      <span className="ml-1.5 min-w-0 truncate tabular-nums max-sm:hidden">
        {toLine(
          model,
          timestamp && toWhen(timestamp, Date.now(), i18n.language),
          usage && t("chat.tokensDetail", { input: compact(usage.input), output: compact(usage.output) }),
        )}
      </span>
    </footer>
  );
}
