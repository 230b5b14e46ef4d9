/** How the app looks: theme, size, language. Counts at once. */
import { Minus, Monitor, Moon, Plus, Sun } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useApp, useAppState } from "../../gateway/use-app.ts";
import { LANGUAGES } from "../../i18n/i18n.ts";
import { IconButton } from "../../ui/IconButton.tsx";
import { Segmented } from "../../ui/Segmented.tsx";
import { Select } from "../../ui/Select.tsx";
import { SettingRow } from "./parts.tsx";

const ZOOMS = [0.8, 0.9, 1, 1.1, 1.25, 1.4, 1.6];

export function AppearancePage() {
  const { t } = useTranslation();
  const app = useApp();
  const { theme, zoom, language } = useAppState((state) => state.preferences);
  const at = ZOOMS.indexOf(zoom) === -1 ? ZOOMS.indexOf(1) : ZOOMS.indexOf(zoom);
  const step = (by: number) => app.setPreferences({ zoom: ZOOMS[at + by] ?? zoom });
  return (
    <>
      <SettingRow name={t("appearance.theme")} hint={t("appearance.themeHint")}>
        <Segmented
          label={t("appearance.theme")}
          value={theme}
          onChange={(value) => app.setPreferences({ theme: value })}
          options={[
            { value: "light", label: t("appearance.light"), icon: <Sun size={14} aria-hidden /> },
            { value: "dark", label: t("appearance.dark"), icon: <Moon size={14} aria-hidden /> },
            { value: "system", label: t("appearance.system"), icon: <Monitor size={14} aria-hidden /> },
          ]}
        />
      </SettingRow>
      <SettingRow name={t("appearance.size")} hint={t("appearance.sizeHint")}>
        <div className="flex items-center gap-1">
          <IconButton
            label={t("appearance.smaller")}
            icon={<Minus size={15} aria-hidden />}
            disabled={at === 0}
            onClick={() => step(-1)}
          />
          <output className="w-12 text-center tabular-nums">{`${Math.round(zoom * 100)} %`}</output>
          <IconButton
            label={t("appearance.larger")}
            icon={<Plus size={15} aria-hidden />}
            disabled={at === ZOOMS.length - 1}
            onClick={() => step(1)}
          />
        </div>
      </SettingRow>
      <SettingRow name={t("appearance.language")} hint={t("appearance.languageHint")}>
        <Select
          label={t("appearance.language")}
          value={language}
          options={LANGUAGES}
          onChange={(value) => app.setPreferences({ language: value })}
        />
      </SettingRow>
    </>
  );
}
