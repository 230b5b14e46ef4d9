/** What this is, how the gateway is, and what needs attention. */
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { useApp, useAppState } from "../../gateway/use-app.ts";
import { toDuration } from "../../i18n/format.ts";
import { Notice } from "../../ui/Notice.tsx";
import { Mark } from "../entry/Gate.tsx";
import { Pending, Section } from "./parts.tsx";
import { useReport } from "./use-report.ts";

export function AboutPage() {
  const { t, i18n } = useTranslation();
  const app = useApp();
  const version = useAppState((state) => state.serverVersion);
  const config = useAppState((state) => state.config);
  const read = useCallback(() => app.config.status(), [app]);
  const { value, error } = useReport(read);
  const issues = config?.issues ?? [];
  const problems = [...(value?.problems ?? []), ...issues.map(({ path, message }) => `${path}: ${message}`)];
  const toFacts = (report: NonNullable<typeof value>) =>
    [
      ["uptime", toDuration(report.uptimeMs, i18n.language)],
      ["address", report.url],
      ["state", report.stateDir],
      ["secrets", report.secretsBackend],
      ["memory", `${Math.round(report.processMemory.rssBytes / 1_048_576)} MB`],
      ["process", report.pid],
    ] as const;
  return (
    <>
      <div className="mb-7 flex items-center gap-4">
        <Mark size={40} />
        <div>
          <p className="text-title font-semibold tracking-tight">{"Gatehouse"}</p>
          <p className="text-soft">{t("about.tagline")}</p>
          <p className="text-small text-faint tabular-nums">{t("about.version", { version })}</p>
        </div>
      </div>
      {value ? (
        <>
          <Section title={t("about.problems")}>
            <ul className="flex flex-col gap-2">
              {(problems.length > 0 ? problems : [t("about.fine")]).map((problem) => (
                <li key={problem}>
                  <Notice tone={problems.length > 0 ? "warn" : "ok"} isMarked>
                    {problem}
                  </Notice>
                </li>
              ))}
            </ul>
          </Section>
          <dl>
            {toFacts(value).map(([name, fact]) => (
              <div key={name} className="flex justify-between gap-6 border-b border-line py-2.5 last:border-0">
                <dt className="shrink-0 text-soft">{t(`about.${name}`)}</dt>
                <dd className="min-w-0 text-right tabular-nums [overflow-wrap:anywhere] select-text">{fact}</dd>
              </div>
            ))}
          </dl>
        </>
      ) : (
        <Pending error={error} />
      )}
    </>
  );
}
