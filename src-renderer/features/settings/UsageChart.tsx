/** Bars, one a day, drawn by ourselves. The table below it says the same in words. */
import { useTranslation } from "react-i18next";
import type { UsageReport } from "../../gateway/config-actions.ts";
import { toCompact } from "../../i18n/format.ts";

export interface Bar {
  date: string;
  tokens: number;
  /** 0 to 1 of the highest. */
  share: number;
}

/** One bar for each of the last `days` days, those without use included. Pure. @param today YYYY-MM-DD */
export function toBars(daily: UsageReport["daily"], days: number, today: string): Bar[] {
  const tokens = new Map(daily.map((day) => [day.date, day.totals.totalTokens]));
  const highest = Math.max(1, ...tokens.values());
  const last = Date.parse(`${today}T00:00:00Z`);
  return Array.from({ length: days }, (_, at) => {
    const date = new Date(last - (days - 1 - at) * 86_400_000).toISOString().slice(0, 10);
    const count = tokens.get(date) ?? 0;
    return { date, tokens: count, share: count / highest };
  });
}

const WIDTH = 600;
const HEIGHT = 120;

export function UsageChart({ report, days, today }: { report: UsageReport; days: number; today: string }) {
  const { t, i18n } = useTranslation();
  const bars = toBars(report.daily, days, today);
  const slot = WIDTH / bars.length;
  const width = Math.max(2, Math.min(28, slot - Math.max(1.5, slot * 0.28)));
  const toDate = (date: string) =>
    new Intl.DateTimeFormat(i18n.language, { month: "short", day: "numeric", timeZone: "UTC" }).format(new Date(date));
  return (
    <figure>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} className="h-auto w-full" role="img" aria-label={t("usage.chart")}>
        <line x1="0" x2={WIDTH} y1={HEIGHT - 0.5} y2={HEIGHT - 0.5} stroke="var(--edge)" />
        {bars.map((bar, at) => (
          <rect
            key={bar.date}
            x={at * slot + (slot - width) / 2}
            y={HEIGHT - Math.max(bar.tokens ? 2 : 0, bar.share * (HEIGHT - 8))}
            width={width}
            height={Math.max(bar.tokens ? 2 : 0, bar.share * (HEIGHT - 8))}
            rx={Math.min(3, width / 3)}
            fill="var(--accent)"
          >
            <title>{t("usage.day", { date: toDate(bar.date), tokens: toCompact(bar.tokens, i18n.language) })}</title>
          </rect>
        ))}
      </svg>
      <figcaption className="mt-1.5 flex justify-between text-small text-faint tabular-nums">
        <span>{toDate(bars[0]?.date ?? today)}</span>
        <span>{toDate(today)}</span>
      </figcaption>
    </figure>
  );
}
