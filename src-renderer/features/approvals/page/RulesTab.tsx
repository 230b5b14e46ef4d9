/** Which levels run without asking: three ways to set it, the nine levels in words, and a way to try. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { wordsOf } from "../../../gateway/chat-actions.ts";
import { may } from "../../../gateway/store.ts";
import { useApp, useAppState } from "../../../gateway/use-app.ts";
import { Badge } from "../../../ui/Badge.tsx";
import { cx } from "../../../ui/class-names.ts";
import { Notice } from "../../../ui/Notice.tsx";
import { showError, showToast } from "../../../ui/toast.tsx";
import { Section } from "../../settings/parts.tsx";
import { PRESETS, type Preset, readRules, toPreset } from "../rules.ts";
import { LEVELS } from "../use-words.ts";
import { TryIt } from "./TryIt.tsx";

export function RulesTab() {
  const { t } = useTranslation();
  const config = useAppState((state) => state.config);
  const mayChange = useAppState((state) => may(state, "operator.admin"));
  const canTry = useAppState((state) => state.methods.has("tools.explain"));
  const rules = readRules(config?.resolved);
  return (
    <>
      <h2 className="sr-only">{t("approvals.tab_rules")}</h2>
      {rules.isRequired ? null : (
        <Notice tone="danger" role="alert" className="mb-5">
          {t("approvals.notRequired")}
        </Notice>
      )}
      <Section title={t("approvals.presets")} hint={t("approvals.presetsHint")}>
        <Presets levels={rules.levels} mayChange={mayChange} />
      </Section>
      <Section title={t("approvals.levels")} hint={t("approvals.levelsHint")}>
        <table className="w-full text-left text-base">
          <thead className="text-small text-faint">
            <tr>
              <th className="w-10 py-1.5 font-medium">{t("approvals.columnLevel")}</th>
              <th className="py-1.5 font-medium">{t("approvals.columnWhat")}</th>
              <th className="py-1.5 text-right font-medium">{t("approvals.columnNow")}</th>
            </tr>
          </thead>
          <tbody className="divide-y divide-line border-t border-line">
            {LEVELS.map((level) => (
              <tr key={level}>
                <td className="py-2 tabular-nums">{level}</td>
                <td className="py-2 pr-3">{t(`approvals.level${level}`)}</td>
                <td className="py-2 text-right">
                  <Now level={level} rules={rules} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Section>
      {canTry ? (
        <Section title={t("approvals.try")} hint={t("approvals.tryHint")}>
          <TryIt />
        </Section>
      ) : null}
    </>
  );
}

function Now({ level, rules }: { level: number; rules: ReturnType<typeof readRules> }) {
  const { t } = useTranslation();
  if (level >= 8) return <Badge tone="warn">{t("approvals.alwaysAsks")}</Badge>;
  if (!rules.isRequired) return <Badge tone="danger">{t("approvals.runs")}</Badge>;
  return rules.levels.includes(level) ? (
    <Badge tone="ok">{t("approvals.runs")}</Badge>
  ) : (
    <Badge>{t("approvals.asks")}</Badge>
  );
}

function Presets({ levels, mayChange }: { levels: readonly number[]; mayChange: boolean }) {
  const { t } = useTranslation();
  const app = useApp();
  const [busy, setBusy] = useState<Preset>();
  const current = toPreset(levels);
  const choose = (preset: Preset) => {
    setBusy(preset);
    app.acting
      .setAutoLevels(PRESETS[preset])
      .then(
        () => showToast(t("approvals.presetSaved")),
        (error: unknown) => showError(t("common.failed", { message: wordsOf(error) })),
      )
      .finally(() => setBusy(undefined));
  };
  return (
    <>
      <div role="group" aria-label={t("approvals.presets")} className="grid grid-cols-3 gap-2.5 max-sm:grid-cols-1">
        {(Object.keys(PRESETS) as Preset[]).map((preset) => (
          <button
            key={preset}
            type="button"
            aria-pressed={preset === current}
            disabled={!mayChange || busy !== undefined}
            onClick={() => choose(preset)}
            className={cx(
              "flex flex-col gap-1 rounded-lg border px-3.5 py-3 text-left hover:bg-side disabled:opacity-60",
              preset === current ? "border-accent bg-tint" : "border-line bg-raised",
            )}
          >
            <span className="font-medium">{t(`approvals.preset_${preset}`)}</span>
            <span className="text-small text-soft">{t(`approvals.preset_${preset}_hint`)}</span>
          </button>
        ))}
      </div>
      {current ? null : <p className="mt-2 text-small text-soft">{t("approvals.presetOwn")}</p>}
      {mayChange ? null : <p className="mt-2 text-small text-soft">{t("settings.noRight")}</p>}
    </>
  );
}
