/** The rules of a platform as controls: direct messages, groups, limits. */
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Select } from "../../../ui/Select.tsx";
import { Switch } from "../../../ui/Switch.tsx";
import { TextArea } from "../../../ui/TextArea.tsx";
import { TextField } from "../../../ui/TextField.tsx";
import { type AccessRules, DM_POLICIES, GROUP_POLICIES, hasSoundLimits } from "./rules.ts";

/** On a phone the control stays beside its name as long as both can be read. */
function RuleRow({ name, hint, children }: { name: string; hint?: string; children: ReactNode }) {
  return (
    <div className="flex items-center justify-between gap-4 border-b border-line py-3 first:pt-0">
      <div className="min-w-0 flex-1">
        <p className="font-medium">{name}</p>
        {hint ? <p className="text-small text-soft">{hint}</p> : null}
      </div>
      {children}
    </div>
  );
}

export interface RuleControlsProps {
  rules: AccessRules;
  hasGroups: boolean;
  isSound: boolean;
  onChange(change: Partial<AccessRules>): void;
}

export function RuleControls({ rules, hasGroups, isSound, onChange }: RuleControlsProps) {
  const { t } = useTranslation();
  return (
    <div>
      <RuleRow name={t("access.dm")}>
        <Select
          label={t("access.dm")}
          className="sm:min-w-52"
          value={rules.dmPolicy}
          options={DM_POLICIES.map((value) => ({ value, label: t(`access.dmPolicy_${value}`) }))}
          onChange={(dmPolicy) => onChange({ dmPolicy })}
        />
      </RuleRow>
      {hasGroups ? (
        <RuleRow name={t("access.groups")}>
          <Select
            label={t("access.groups")}
            className="sm:min-w-52"
            value={rules.groupPolicy}
            options={GROUP_POLICIES.map((value) => ({ value, label: t(`access.groupPolicy_${value}`) }))}
            onChange={(groupPolicy) => onChange({ groupPolicy })}
          />
        </RuleRow>
      ) : null}
      {hasGroups && rules.groupPolicy !== "disabled" ? (
        <RuleRow name={t("access.mention")} hint={t("access.mentionHint")}>
          <Switch
            label={t("access.mention")}
            isOn={rules.requireMention}
            onChange={(requireMention) => onChange({ requireMention })}
          />
        </RuleRow>
      ) : null}
      <details className="pt-3.5" open={!isSound || undefined}>
        <summary className="cursor-pointer touch:py-3 text-base font-medium text-soft hover:text-ink">
          {t("setup.more")}
        </summary>
        <div className="mt-3.5 flex flex-col gap-4">
          <TextArea
            label={t("access.allowFrom")}
            hint={t("access.allowFromHint")}
            value={rules.allowFrom}
            onChange={(allowFrom) => onChange({ allowFrom })}
          />
          <div className="grid grid-cols-2 gap-3">
            {(["perMinute", "burst"] as const).map((name) => (
              <TextField
                key={name}
                label={t(`access.${name}`)}
                hint={t(`access.${name}Hint`)}
                inputMode="numeric"
                value={rules[name]}
                onChange={(value) => onChange({ [name]: value.trim() })}
                {...(hasSoundLimits({ perMinute: "1", burst: "1", [name]: rules[name] })
                  ? {}
                  : { error: t("access.wholeNumber") })}
              />
            ))}
          </div>
        </div>
      </details>
    </div>
  );
}
