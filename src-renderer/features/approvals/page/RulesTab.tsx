/** Which levels run without asking: three ways to set it, the nine levels in words, and a way to try. */
import { useTranslation } from "react-i18next";
import { may } from "../../../gateway/store.ts";
import { useApp, useAppState } from "../../../gateway/use-app.ts";
import { Badge } from "../../../ui/Badge.tsx";
import { Notice } from "../../../ui/Notice.tsx";
import { showToast } from "../../../ui/toast.tsx";
import { Section } from "../../settings/parts.tsx";
import { useWork } from "../../settings/use-work.ts";
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
  const runs = rules.levels.includes(level);
  return <Badge tone={runs ? "ok" : "neutral"}>{runs ? t("approvals.runs") : t("approvals.asks")}</Badge>;
}

function Presets({ levels, mayChange }: { levels: readonly number[]; mayChange: boolean }) {
  const { t } = useTranslation();
  const app = useApp();
  const { isBusy, run } = useWork();
  const current = toPreset(levels);
  const choose = (preset: Preset) =>
    run(app.acting.setAutoLevels(PRESETS[preset]), () => showToast(t("approvals.presetSaved")));
  return (
    <>
      <div role="group" aria-label={t("approvals.presets")} className="grid grid-cols-3 gap-2.5 max-sm:grid-cols-1">
        {(Object.keys(PRESETS) as Preset[]).map((preset) => (
          <button
            key={preset}
            type="button"
            aria-pressed={preset === current}
            disabled={!mayChange || isBusy}
            onClick={() => choose(preset)}
            className="flex flex-col gap-1 rounded-lg border border-line bg-raised px-3.5 py-3 text-left hover:bg-side disabled:opacity-60 aria-pressed:border-accent aria-pressed:bg-tint"
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
