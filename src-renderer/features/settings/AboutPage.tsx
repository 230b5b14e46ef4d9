/** What this is, how the gateway is, and what needs attention. */
import { CircleAlert, CircleCheck } from "lucide-react";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { useApp, useAppState } from "../../gateway/use-app.ts";
import { toDuration } from "../../i18n/format.ts";
import { Notice } from "../../ui/Notice.tsx";
import { Skeleton } from "../../ui/Skeleton.tsx";
import { Mark } from "../entry/Gate.tsx";
import { Fact, Section } from "./parts.tsx";
import { useReport } from "./use-report.ts";

export function AboutPage() {
  const { t, i18n } = useTranslation();
  const app = useApp();
  const version = useAppState((state) => state.serverVersion);
  const config = useAppState((state) => state.config);
  const read = useCallback(() => app.config.status(), [app]);
  const { value, error } = useReport(read);
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
      {error ? <Notice tone="danger">{error}</Notice> : null}
      {!value && !error ? <Skeleton className="h-40 w-full" /> : null}
      {value ? (
        <>
          <Section title={t("about.problems")}>
            {value.problems.length === 0 && (config?.issues.length ?? 0) === 0 ? (
              <Notice tone="ok" icon={<CircleCheck size={15} aria-hidden />}>
                {t("about.fine")}
              </Notice>
            ) : (
              <ul className="flex flex-col gap-2">
                {[...value.problems, ...(config?.issues ?? []).map((issue) => `${issue.path}: ${issue.message}`)].map(
                  (problem) => (
                    <li key={problem}>
                      <Notice tone="warn" icon={<CircleAlert size={15} aria-hidden />}>
                        {problem}
                      </Notice>
                    </li>
                  ),
                )}
              </ul>
            )}
          </Section>
          <dl>
            <Fact name={t("about.uptime")}>{toDuration(value.uptimeMs, i18n.language)}</Fact>
            <Fact name={t("about.address")}>{value.url}</Fact>
            <Fact name={t("about.state")}>{value.stateDir}</Fact>
            <Fact name={t("about.secrets")}>{value.secretsBackend}</Fact>
            <Fact name={t("about.memory")}>{`${Math.round(value.processMemory.rssBytes / 1_048_576)} MB`}</Fact>
            <Fact name={t("about.process")}>{value.pid}</Fact>
          </dl>
        </>
      ) : null}
    </>
  );
}
