/** Tokens and cost: a few weeks at a glance, then by model. */
import { useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import type { UsageTotals } from "#main/protocol/methods/config.ts";
import type { UsageReport } from "../../gateway/config-actions.ts";
import { useApp } from "../../gateway/use-app.ts";
import { toCompact, toCost } from "../../i18n/format.ts";
import { EmptyState } from "../../ui/EmptyState.tsx";
import { Segmented } from "../../ui/Segmented.tsx";
import { Pending } from "./parts.tsx";
import { useReport } from "./use-report.ts";

export function UsagePage() {
  const { t } = useTranslation();
  const app = useApp();
  const [days, setDays] = useState<"7" | "30" | "90">("30");
  const read = useCallback(() => app.config.usage(Number(days)), [app, days]);
  const { value, error } = useReport(read);
  const today = new Intl.DateTimeFormat("sv-SE").format(new Date());
  return (
    <>
      <div className="mb-5 flex flex-wrap items-center justify-between gap-3">
        <p className="text-soft">{t("usage.intro")}</p>
        <Segmented<typeof days>
          label={t("usage.range")}
          value={days}
          onChange={setDays}
          options={(["7", "30", "90"] as const).map((count) => ({
            value: count,
            label: t("usage.days", { count: Number(count) }),
          }))}
        />
      </div>
      {error || !value ? <Pending error={error} /> : null}
      {value && value.totals.requests === 0 ? (
        <EmptyState title={t("usage.none")}>{t("usage.noneHint")}</EmptyState>
      ) : null}
      {value && value.totals.requests > 0 ? (
        <>
          <Figures totals={value.totals} />
          <UsageChart report={value} days={Number(days)} today={today} />
          <Table rows={value.byModel} totals={value.totals} />
        </>
      ) : null}
    </>
  );
}

function useCostWords(): (totals: UsageTotals) => string {
  const { t, i18n } = useTranslation();
  return (totals) => {
    const cost = toCost(totals.totalCost, i18n.language);
    return totals.missingCostEntries > 0 ? t("usage.atLeast", { cost }) : cost;
  };
}

function Figures({ totals }: { totals: UsageTotals }) {
  const { t, i18n } = useTranslation();
  const cost = useCostWords();
  const figures = [
    { name: t("usage.tokens"), value: toCompact(totals.totalTokens, i18n.language) },
    { name: t("usage.cost"), value: cost(totals) },
    { name: t("usage.requests"), value: toCompact(totals.requests, i18n.language) },
  ];
  return (
    <dl className="mb-5 flex flex-wrap gap-x-10 gap-y-3">
      {figures.map((figure) => (
        <div key={figure.name}>
          <dt className="text-small text-soft">{figure.name}</dt>
          <dd className="text-title font-semibold tabular-nums">{figure.value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Table({ rows, totals }: { rows: readonly { model: string; totals: UsageTotals }[]; totals: UsageTotals }) {
  const { t, i18n } = useTranslation();
  const cost = useCostWords();
  const cell = "py-2 pl-4 text-right tabular-nums whitespace-nowrap";
  return (
    <div className="mt-6 overflow-x-auto" tabIndex={0}>
      <table className="w-full border-collapse text-base">
        <thead className="border-b border-edge text-small text-soft">
          <tr>
            <th scope="col" className="py-2 text-left font-medium">
              {t("usage.model")}
            </th>
            {(["requests", "input", "output", "cost"] as const).map((name) => (
              <th key={name} scope="col" className={`${cell} font-medium`}>
                {t(`usage.${name}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {[...rows, { model: t("usage.total"), totals }].map((row) => (
            <tr key={row.model} className="border-b border-line last:border-0 last:font-medium">
              <th scope="row" className="py-2 text-left [font-weight:inherit]">
                {row.model}
              </th>
              {(["requests", "input", "output"] as const).map((name) => (
                <td key={name} className={cell}>
                  {toCompact(row.totals[name], i18n.language)}
                </td>
              ))}
              <td className={cell}>{cost(row.totals)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {totals.missingCostEntries > 0 ? (
        <p className="mt-2 text-small text-faint">{t("usage.missing", { count: totals.missingCostEntries })}</p>
      ) : null}
    </div>
  );
}

/** One bar for each of the last `days` days, those without use included; `share` is 0 to 1 of the highest. Pure. @param today YYYY-MM-DD */
export function toBars(daily: UsageReport["daily"], days: number, today: string) {
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

/** Bars, one a day. The table below it says the same in words. */
function UsageChart({ report, days, today }: { report: UsageReport; days: number; today: string }) {
  const { t, i18n } = useTranslation();
  const bars = toBars(report.daily, days, today);
  const slot = WIDTH / bars.length;
  const width = Math.max(2, Math.min(28, slot - Math.max(1.5, slot * 0.28)));
  const toDate = (date: string) =>
    new Intl.DateTimeFormat(i18n.language, { month: "short", day: "numeric", timeZone: "UTC" }).format(new Date(date));
  return (
    <figure>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} className="h-auto w-full" role="img" aria-label={t("usage.chart")}>
        <line x1="0" x2={WIDTH} y1={HEIGHT - 0.5} y2={HEIGHT - 0.5} stroke="var(--color-edge)" />
        {bars.map((bar, at) => (
          <rect
            key={bar.date}
            x={at * slot + (slot - width) / 2}
            y={HEIGHT - Math.max(bar.tokens ? 2 : 0, bar.share * (HEIGHT - 8))}
            width={width}
            height={Math.max(bar.tokens ? 2 : 0, bar.share * (HEIGHT - 8))}
            rx={Math.min(3, width / 3)}
            fill="var(--color-accent)"
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
