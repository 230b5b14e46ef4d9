/** A block of code: its language, a copy button, and colours once it is complete. */
import { Check, Copy, WrapText } from "lucide-react";
import { use, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { ThemedToken } from "shiki/core";
import { copyText } from "../../../gateway/bridge.ts";
import { cx } from "../../../ui/class-names.ts";
import { IconButton } from "../../../ui/IconButton.tsx";
import { PainterContext } from "./highlight.ts";

export interface CodeBlockProps {
  code: string;
  language: string;
  /** The closing fence has not come yet. */
  isOpen: boolean;
}

export function CodeBlock({ code, language, isOpen }: CodeBlockProps) {
  const { t } = useTranslation();
  const [isWrapped, setIsWrapped] = useState(false);
  const lines = usePaint(code, language, isOpen);
  return (
    <div className="block overflow-hidden rounded-lg border border-line bg-sunken">
      <div className="flex h-9 items-center gap-1 border-b border-line pr-1 pl-3.5 touch:h-11">
        <span className="flex-1 truncate font-mono text-small text-faint">{language || t("chat.code")}</span>
        <IconButton
          size="small"
          label={t("chat.wrapCode")}
          isPressed={isWrapped}
          icon={<WrapText size={14} aria-hidden />}
          onClick={() => setIsWrapped(!isWrapped)}
        />
        <CopyButton text={code} label={t("chat.copyCode")} />
      </div>
      <pre
        tabIndex={0}
        aria-label={language || t("chat.code")}
        className={cx(
          "max-h-[32rem] overflow-auto px-3.5 py-3 font-mono text-base leading-5 outline-offset-[-2px]",
          isWrapped && "whitespace-pre-wrap [overflow-wrap:anywhere]",
        )}
      >
        <code>{lines ? lines.map((line, at) => <Line key={at} tokens={line} />) : code}</code>
      </pre>
    </div>
  );
}

function Line({ tokens }: { tokens: readonly ThemedToken[] }) {
  return (
    <span>
      {tokens.map((token, at) => (
        <span
          key={at}
          style={{
            ...(token.color ? { color: token.color } : {}),
            ...((token.fontStyle ?? 0) & 1 ? { fontStyle: "italic" } : {}),
            ...((token.fontStyle ?? 0) & 2 ? { fontWeight: 600 } : {}),
          }}
        >
          {token.content}
        </span>
      ))}
      {"\n"}
    </span>
  );
}

function usePaint(code: string, language: string, isOpen: boolean): readonly ThemedToken[][] | undefined {
  const painter = use(PainterContext);
  const [painted, setPainted] = useState<{ code: string; lines: ThemedToken[][] }>();
  useEffect(() => {
    if (isOpen || !painter) return undefined;
    let isOld = false;
    painter.paint(code, language).then(
      (lines) => (isOld || !lines ? undefined : setPainted({ code, lines })),
      // Without colours the code is still there.
      () => undefined,
    );
    return () => {
      isOld = true;
    };
  }, [code, language, isOpen, painter]);
  return painted?.code === code ? painted.lines : undefined;
}

/** Copies, and says for a moment that it did. */
export function CopyButton({
  text,
  label,
  size = "small",
}: {
  text: string;
  label: string;
  size?: "small" | "normal";
}) {
  const { t } = useTranslation();
  const [isDone, setIsDone] = useState(false);
  useEffect(() => {
    if (!isDone) return undefined;
    const timer = setTimeout(() => setIsDone(false), 1600);
    return () => clearTimeout(timer);
  }, [isDone]);
  return (
    <IconButton
      size={size}
      label={isDone ? t("common.copied") : label}
      icon={isDone ? <Check size={14} aria-hidden className="text-ok" /> : <Copy size={14} aria-hidden />}
      onClick={() => void copyText(text).then(setIsDone)}
    />
  );
}
