/** A diff: added and removed lines differ by sign, colour and name, and unchanged ones fold away. */
import { UnfoldVertical } from "lucide-react";
import { type ReactNode, type Ref, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { cx } from "../../ui/class-names.ts";
import { countChanges, type DiffLine, type DiffPart, toDiffParts } from "./diff.ts";
import { toVisible } from "./questions.ts";

export interface DiffViewProps {
  lines: readonly DiffLine[];
  /** Set at the last line, to know when it is in view. */
  endRef?: Ref<HTMLSpanElement>;
  className?: string;
}

const LOOKS = {
  added: { look: "bg-ok-tint", sign: "+", tone: "text-ok", key: "approvals.lineAdded" },
  removed: { look: "bg-danger-tint", sign: "-", tone: "text-danger", key: "approvals.lineRemoved" },
  same: { look: "", sign: " ", tone: "", key: undefined },
  hunk: { look: "text-faint", sign: "", tone: "", key: undefined },
  file: { look: "font-semibold", sign: "", tone: "", key: undefined },
  note: { look: "text-soft", sign: "", tone: "", key: undefined },
} as const;

export function DiffView({ lines, endRef, className }: DiffViewProps) {
  const { t } = useTranslation();
  const parts = useMemo(() => toDiffParts(lines), [lines]);
  const { added, removed } = useMemo(() => countChanges(lines), [lines]);
  const isNumbered = lines.some((line) => line.before !== undefined || line.after !== undefined);
  return (
    <div className="overflow-hidden rounded-md border border-line bg-sunken">
      <p className="flex gap-3 border-b border-line px-3 py-1 text-small text-soft tabular-nums">
        <span className="flex-1">{t("approvals.diff")}</span>
        <span className="text-ok">{t("approvals.added", { count: added })}</span>
        <span className="text-danger">{t("approvals.removed", { count: removed })}</span>
      </p>
      <div
        tabIndex={0}
        role="group"
        aria-label={t("approvals.diffLabel", { added, removed })}
        className={cx("overflow-auto py-1.5 font-mono text-small outline-offset-[-2px]", className ?? "max-h-[40vh]")}
        dir="ltr"
      >
        {parts.map((part, at) => (
          <Part key={at} part={part} isNumbered={isNumbered} />
        ))}
        <span ref={endRef} className="block h-px" />
      </div>
    </div>
  );
}

function Part({ part, isNumbered }: { part: DiffPart; isNumbered: boolean }) {
  const { t } = useTranslation();
  const [isOpen, setIsOpen] = useState(false);
  if (part.kind === "folded" && !isOpen) {
    return (
      <button
        type="button"
        onClick={() => setIsOpen(true)}
        className="flex h-7 w-full items-center gap-2 bg-hover px-3 text-left font-sans text-small text-soft outline-offset-[-2px] hover:text-ink touch:h-11"
      >
        <UnfoldVertical size={13} aria-hidden />
        {t("approvals.unchanged", { count: part.lines.length })}
      </button>
    );
  }
  return part.lines.map((line, at) => <Line key={at} line={line} isNumbered={isNumbered} />);
}

function Line({ line, isNumbered }: { line: DiffLine; isNumbered: boolean }) {
  const { t } = useTranslation();
  const { look, sign, tone, key } = LOOKS[line.kind];
  return (
    <div className={`flex ${look}`}>
      {isNumbered ? (
        <>
          <Number>{line.before}</Number>
          <Number>{line.after}</Number>
        </>
      ) : null}
      <span aria-hidden className={`w-5 shrink-0 text-center font-semibold select-none ${tone}`}>
        {sign}
      </span>
      {key ? <span className="sr-only">{t(key)}</span> : null}
      <span className="min-w-0 flex-1 pr-3 whitespace-pre-wrap [overflow-wrap:anywhere] [unicode-bidi:bidi-override]">
        {toVisible(line.text)}
      </span>
    </div>
  );
}

function Number({ children }: { children: ReactNode }) {
  return (
    <span aria-hidden className="w-9 shrink-0 pr-1.5 text-right text-faint tabular-nums select-none max-sm:hidden">
      {children}
    </span>
  );
}
