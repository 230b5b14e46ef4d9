/** The newest lines of the gateway's log, filtered and copied. Secrets are cut out before they are written. */
import { Copy, RefreshCw } from "lucide-react";
import { useCallback, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { copyText } from "../../gateway/bridge.ts";
import { useApp } from "../../gateway/use-app.ts";
import { IconButton } from "../../ui/IconButton.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { TextField } from "../../ui/TextField.tsx";
import { showError, showToast } from "../../ui/toast.tsx";
import { useReport } from "./use-report.ts";

const LINES = 500;

/** A line of the log in its parts; a line that is not JSON is all text. Pure. */
function toLogLine(line: string) {
  try {
    const { time, level, msg, ...rest } = JSON.parse(line) as Record<string, unknown>;
    const facts = Object.entries(rest).map(
      ([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`,
    );
    return {
      time: String(time ?? "").slice(11, 19),
      level: String(level ?? ""),
      text: [msg, ...facts].filter(Boolean).join("  "),
    };
  } catch {
    return { time: "", level: "", text: line };
  }
}

function Line({ line }: { line: string }) {
  const { time, level, text } = toLogLine(line);
  const tone = level === "error" || level === "fatal" ? "text-danger" : level === "warn" ? "text-warn" : "text-faint";
  return (
    <span className="block py-px">
      {time ? <span className="text-faint tabular-nums">{`${time} `}</span> : null}
      {level ? <span className={tone}>{`${level.padEnd(5)} `}</span> : null}
      {text}
      {"\n"}
    </span>
  );
}

export function LogsPage() {
  const { t } = useTranslation();
  const app = useApp();
  const [filter, setFilter] = useState("");
  const read = useCallback(() => app.config.logs(LINES), [app]);
  const { value, error, isLoading, reload } = useReport(read);
  const box = useRef<HTMLPreElement>(null);
  const needle = filter.trim().toLowerCase();
  const lines = (value?.lines ?? []).filter((line) => line.toLowerCase().includes(needle));
  useEffect(() => {
    box.current?.scrollTo({ top: box.current.scrollHeight });
  }, [value]);
  const copy = async () => {
    if (await copyText(lines.join("\n"))) showToast(t("common.copied"));
    else showError(t("common.copyFailed"));
  };
  return (
    <div className="flex h-full min-h-80 flex-col gap-3">
      <div className="flex items-center gap-1.5">
        <TextField
          label={t("logs.filter")}
          isLabelHidden
          placeholder={t("logs.filter")}
          value={filter}
          onChange={setFilter}
          className="flex-1"
        />
        <IconButton
          label={t("logs.refresh")}
          icon={<RefreshCw size={15} aria-hidden />}
          disabled={isLoading}
          onClick={reload}
        />
        <IconButton label={t("logs.copy")} icon={<Copy size={15} aria-hidden />} onClick={() => void copy()} />
      </div>
      <Notice tone="danger">{error}</Notice>
      <pre
        ref={box}
        tabIndex={0}
        aria-label={t("logs.lines")}
        className="min-h-0 flex-1 overflow-auto rounded-lg border border-line bg-sunken p-3 font-mono text-small whitespace-pre-wrap select-text [overflow-wrap:anywhere]"
      >
        {lines.length === 0
          ? isLoading
            ? t("common.loading")
            : t("logs.empty")
          : lines.map((line, at) => <Line key={at} line={line} />)}
      </pre>
      {value ? <p className="truncate text-small text-faint">{t("logs.file", { file: value.file })}</p> : null}
    </div>
  );
}
