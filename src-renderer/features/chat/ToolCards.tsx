/** Tool calls: one card each; several in a row fold into a line that counts them. */
import { Check, ChevronRight, CircleAlert, Wrench } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { ToolCall } from "../../gateway/chat-model.ts";
import { cx } from "../../ui/class-names.ts";
import { Spinner } from "../../ui/Spinner.tsx";
import { toCounts, toPretty, toSummary } from "./tool-words.ts";

const HEAD =
  "flex min-h-9 w-full items-center gap-2.5 px-3 text-left text-base hover:bg-hover touch:min-h-11 outline-offset-[-2px]";

export function ToolCards({ calls }: { calls: readonly ToolCall[] }) {
  const { t } = useTranslation();
  const [isOpen, setIsOpen] = useState(false);
  const [first] = calls;
  if (calls.length === 1 && first) {
    return (
      <div className="my-3 overflow-hidden rounded-lg border border-line first:mt-0">
        <Card call={first} />
      </div>
    );
  }
  const failed = calls.filter((call) => call.state === "error").length;
  const isRunning = calls.some((call) => call.state === "running");
  const words = toCounts(calls).map(({ name, count }) =>
    name === "read" || name === "time" ? t(`tools.${name}`, { count }) : t("tools.other", { name, count }),
  );
  return (
    <div className="my-3 overflow-hidden rounded-lg border border-line first:mt-0">
      <button type="button" aria-expanded={isOpen} className={HEAD} onClick={() => setIsOpen(!isOpen)}>
        {isRunning ? <State state="running" /> : <Wrench size={14} aria-hidden className="text-faint" />}
        <span className="min-w-0 flex-1 truncate font-medium">{words.join(" · ")}</span>
        {failed > 0 ? <span className="text-small text-danger">{t("tools.failures", { count: failed })}</span> : null}
        <Chevron isOpen={isOpen} />
      </button>
      {isOpen ? (
        <ul className="divide-y divide-line border-t border-line">
          {calls.map((call) => (
            <li key={call.id}>
              <Card call={call} />
            </li>
          ))}
        </ul>
      ) : null}
    </div>
  );
}

function Card({ call }: { call: ToolCall }) {
  const { t } = useTranslation();
  const [isOpen, setIsOpen] = useState(false);
  const args = toPretty(call.args);
  return (
    <>
      <button type="button" aria-expanded={isOpen} className={HEAD} onClick={() => setIsOpen(!isOpen)}>
        <State state={call.state} />
        <span className="shrink-0 font-medium">{call.name}</span>
        <span className="min-w-0 flex-1 truncate font-mono text-small text-faint">{toSummary(call.args)}</span>
        <Chevron isOpen={isOpen} />
      </button>
      {isOpen ? (
        <div className="flex flex-col gap-2.5 border-t border-line bg-sunken px-3 py-3">
          {args && args !== "{}" ? <Block title={t("tools.args")} text={args} /> : null}
          <Block title={t("tools.result")} text={call.result ?? t("tools.noResult")} isBad={call.state === "error"} />
        </div>
      ) : null}
    </>
  );
}

function Block({ title, text, isBad }: { title: string; text: string; isBad?: boolean }) {
  return (
    <div>
      <p className="mb-1 text-micro font-medium text-faint">{title}</p>
      <pre
        tabIndex={0}
        aria-label={title}
        className={cx(
          "max-h-72 overflow-auto font-mono text-small whitespace-pre-wrap [overflow-wrap:anywhere]",
          isBad && "text-danger",
        )}
      >
        {text}
      </pre>
    </div>
  );
}

function State({ state }: { state: ToolCall["state"] }) {
  const { t } = useTranslation();
  return (
    <span role="img" aria-label={t(`tools.${state}`)} className="inline-flex w-3.5 shrink-0 justify-center">
      {state === "running" ? (
        <span className="text-accent">
          <Spinner size={13} />
        </span>
      ) : state === "ok" ? (
        <Check size={14} aria-hidden className="text-ok" />
      ) : (
        <CircleAlert size={14} aria-hidden className="text-danger" />
      )}
    </span>
  );
}

function Chevron({ isOpen }: { isOpen: boolean }) {
  return (
    <ChevronRight
      size={14}
      aria-hidden
      className={cx("shrink-0 text-faint transition-transform duration-100", isOpen && "rotate-90")}
    />
  );
}
