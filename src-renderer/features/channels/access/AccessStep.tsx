/** Who may write: the rules, read back as a sentence while they change, and the people by name. */
import { CircleAlert } from "lucide-react";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import type { ChannelOffer } from "#main/protocol/methods/channels.ts";
import { wordsOf } from "../../../gateway/chat-actions.ts";
import { may } from "../../../gateway/store.ts";
import { useApp, useAppState } from "../../../gateway/use-app.ts";
import { Button } from "../../../ui/Button.tsx";
import { Notice } from "../../../ui/Notice.tsx";
import { Select } from "../../../ui/Select.tsx";
import { Switch } from "../../../ui/Switch.tsx";
import { TextArea } from "../../../ui/TextArea.tsx";
import { TextField } from "../../../ui/TextField.tsx";
import { StepBody, StepFooter } from "../setup/StepFrame.tsx";
import { AccessSentence } from "./AccessSentence.tsx";
import { People } from "./People.tsx";
import {
  type AccessRules,
  DM_POLICIES,
  GROUP_POLICIES,
  hasSoundLimits,
  readAccess,
  toAccessSettings,
} from "./rules.ts";

export function AccessStep({ offer, onDone }: { offer: ChannelOffer; onDone(): void }) {
  const { t } = useTranslation();
  const app = useApp();
  const [rules, setRules] = useState(() => readAccess(offer.settings));
  const [error, setError] = useState<string>();
  const [isSaving, setIsSaving] = useState(false);
  const isSound = hasSoundLimits(rules);
  const changes = toAccessSettings(rules, offer.settings);
  const isChanged = Object.keys(changes).length > 0;
  const mayDecide = useAppState((state) => may(state, "operator.pairing"));
  const set = (change: Partial<AccessRules>) => setRules((before) => ({ ...before, ...change }));
  const done = async () => {
    if (!isChanged) return onDone();
    setIsSaving(true);
    setError(undefined);
    try {
      await app.channels.save(offer.id, changes);
      onDone();
    } catch (thrown) {
      setError(wordsOf(thrown));
    }
    setIsSaving(false);
    return undefined;
  };
  return (
    <>
      <StepBody>
        <div aria-live="polite" className="rounded-md bg-sunken px-4 py-3">
          <AccessSentence offer={offer} rules={rules} className="text-body text-ink" />
        </div>
        {rules.dmPolicy === "open" ? (
          <Notice tone="warn" role="alert" icon={<CircleAlert size={15} aria-hidden />}>
            {t("access.openWarning")}
          </Notice>
        ) : null}
        <Rules rules={rules} hasGroups={offer.groups} isSound={isSound} onChange={set} />
        {mayDecide ? <People channel={offer.id} /> : null}
        {error ? (
          <Notice tone="danger" role="alert" icon={<CircleAlert size={15} aria-hidden />}>
            {error}
          </Notice>
        ) : null}
      </StepBody>
      <StepFooter>
        {isChanged ? <Button onClick={onDone}>{t("common.cancel")}</Button> : null}
        <Button look="primary" isBusy={isSaving} disabled={!isSound} onClick={() => void done()}>
          {isChanged ? t("common.save") : t("setup.done")}
        </Button>
      </StepFooter>
    </>
  );
}

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

interface RulesProps {
  rules: AccessRules;
  hasGroups: boolean;
  isSound: boolean;
  onChange(change: Partial<AccessRules>): void;
}

function Rules({ rules, hasGroups, isSound, onChange }: RulesProps) {
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
        <summary className="cursor-pointer text-base font-medium text-soft hover:text-ink">{t("setup.more")}</summary>
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
