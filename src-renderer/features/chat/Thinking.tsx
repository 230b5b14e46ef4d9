/** The model's reasoning: folded, open on request. */
import { Brain } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Chevron } from "../../ui/Chevron.tsx";
import { cx } from "../../ui/class-names.ts";

export function Thinking({ text, isLive }: { text: string; isLive: boolean }) {
  const { t } = useTranslation();
  const [isOpen, setIsOpen] = useState(false);
  return (
    <div className="my-2">
      <button
        type="button"
        aria-expanded={isOpen}
        onClick={() => setIsOpen(!isOpen)}
        className="group -ml-1.5 inline-flex h-7 items-center gap-1.5 rounded-md px-1.5 text-base text-faint hover:bg-hover hover:text-ink touch:h-11"
      >
        <Brain size={14} aria-hidden className={cx(isLive && "animate-blink text-accent")} />
        {isLive ? t("chat.thinking") : t("chat.thought")}
        <Chevron className="" />
      </button>
      {isOpen ? (
        <p className="mt-1 border-l-2 border-line pl-3.5 text-base whitespace-pre-wrap text-soft [overflow-wrap:anywhere]">
          {text}
        </p>
      ) : null}
    </div>
  );
}
