/** Who may write: the rules, read back as a sentence while they change, and the people by name. */
import { UserPlus } from "lucide-react";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import type { ChannelOffer, ChatPerson } from "#main/protocol/methods/channels.ts";
import { may } from "../../../gateway/store.ts";
import { useApp, useAppState } from "../../../gateway/use-app.ts";
import { Button } from "../../../ui/Button.tsx";
import { Notice } from "../../../ui/Notice.tsx";
import { Select } from "../../../ui/Select.tsx";
import { Switch } from "../../../ui/Switch.tsx";
import { TextField } from "../../../ui/TextField.tsx";
import { useWork } from "../../settings/use-work.ts";
import { StepBody, StepFooter } from "../setup/StepFrame.tsx";
import {
  type AccessRules as Rules,
  DM_POLICIES,
  GROUP_POLICIES,
  hasSoundLimits,
  isLimit,
  readAccess,
  toAccessSettings,
  toSentence,
} from "./rules.ts";

const ROLES = ["owner", "allowed", "blocked", "stranger"] as const;

/** The rules as a sentence. @param props.rules as they are being changed; those in force without */
export function AccessSentence(props: { offer: ChannelOffer; rules?: Rules; className: string }) {
  const { t } = useTranslation();
  const { settings, groups } = props.offer;
  const parts = toSentence(props.rules ?? readAccess(settings), groups);
  return <p className={props.className}>{parts.map((part) => t(`access.${part}`)).join(" ")}</p>;
}

export function AccessStep({ offer, onDone }: { offer: ChannelOffer; onDone(): void }) {
  const { t } = useTranslation();
  const app = useApp();
  const [rules, setRules] = useState(() => readAccess(offer.settings));
  const { isBusy, error, run } = useWork(true);
  const isSound = hasSoundLimits(rules);
  const changes = toAccessSettings(rules, offer.settings);
  const isChanged = Object.keys(changes).length > 0;
  const mayDecide = useAppState((state) => may(state, "operator.pairing"));
  const set = (change: Partial<Rules>) => setRules((before) => ({ ...before, ...change }));
  const save = () => run(app.channels.save(offer.id, changes), onDone);
  return (
    <>
      <StepBody>
        <div aria-live="polite" className="rounded-md bg-sunken px-4 py-3">
          <AccessSentence offer={offer} rules={rules} className="text-body text-ink" />
        </div>
        <Notice tone="warn" role="alert" isMarked>
          {rules.dmPolicy === "open" ? t("access.openWarning") : null}
        </Notice>
        <div>
          <Policies rules={rules} hasGroups={offer.groups} onChange={set} />
          <Limits rules={rules} isSound={isSound} onChange={set} />
        </div>
        {mayDecide ? <People channel={offer.id} /> : null}
        <Notice tone="danger" role="alert" isMarked>
          {error}
        </Notice>
      </StepBody>
      <StepFooter>
        {isChanged ? <Button onClick={onDone}>{t("common.cancel")}</Button> : null}
        <Button look="primary" isBusy={isBusy} disabled={!isSound} onClick={isChanged ? save : onDone}>
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

function Policies(props: { rules: Rules; hasGroups: boolean; onChange(change: Partial<Rules>): void }) {
  const { rules, hasGroups, onChange } = props;
  const { t } = useTranslation();
  return (
    <>
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
    </>
  );
}

function Limits(props: { rules: Rules; isSound: boolean; onChange(change: Partial<Rules>): void }) {
  const { rules, isSound, onChange } = props;
  const { t } = useTranslation();
  return (
    <details className="pt-3.5" open={!isSound || undefined}>
      <summary className="cursor-pointer touch:py-3 text-base font-medium text-soft hover:text-ink">
        {t("setup.more")}
      </summary>
      <div className="mt-3.5 flex flex-col gap-4">
        <TextField
          isLong
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
              error={isLimit(rules[name]) ? undefined : t("access.wholeNumber")}
            />
          ))}
        </div>
      </div>
    </details>
  );
}

/** Who is known. Counts at once; a role of the configuration is only changed there. */
function People({ channel }: { channel: string }) {
  const { t } = useTranslation();
  const everyone = useAppState((state) => state.channels.people);
  const people = everyone.filter((person) => person.channel === channel);
  return (
    <section aria-labelledby="access-people">
      <h3 id="access-people" className="text-base font-semibold">
        {t("access.people")}
      </h3>
      <p className="mt-0.5 text-small text-soft">{t("access.peopleHint")}</p>
      <ul className="mt-2.5 divide-y divide-line rounded-lg border border-line empty:hidden">
        {people.map((person) => (
          <Person key={`${person.accountId}-${person.senderId}`} person={person} />
        ))}
      </ul>
      <AddPerson channel={channel} />
    </section>
  );
}

function Person({ person }: { person: ChatPerson }) {
  const { t } = useTranslation();
  const app = useApp();
  const { run } = useWork();
  const name = person.name ?? person.senderId;
  return (
    <li className="flex items-center gap-3 px-3.5 py-2">
      <div className="min-w-0 flex-1">
        <p className="truncate">
          <bdi>{name}</bdi>
        </p>
        {person.name ? (
          <p className="truncate font-mono text-small text-faint">
            <bdi>{person.senderId}</bdi>
          </p>
        ) : null}
      </div>
      {person.source === "config" ? (
        <p className="text-right text-small text-soft">
          {t(`access.role_${person.role}`)}
          <span className="block text-faint">{t("access.fromConfig")}</span>
        </p>
      ) : (
        <Select<(typeof ROLES)[number]>
          label={t("access.roleOf", { name })}
          value={person.role}
          options={ROLES.map((value) => ({ value, label: t(`access.role_${value}`) }))}
          onChange={(role) => run(app.channels.setPerson(person, role === "stranger" ? null : role))}
        />
      )}
    </li>
  );
}

function AddPerson({ channel }: { channel: string }) {
  const { t } = useTranslation();
  const app = useApp();
  const { isBusy, run } = useWork();
  const [typed, setTyped] = useState("");
  const senderId = typed.trim();
  return (
    <form
      className="mt-2.5 flex items-end gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        if (senderId) run(app.channels.setPerson({ channel, senderId }, "allowed"), () => setTyped(""));
      }}
    >
      <TextField
        label={t("access.addLabel")}
        isLabelHidden
        placeholder={t("access.addLabel")}
        spellCheck={false}
        value={typed}
        onChange={setTyped}
        className="flex-1"
      />
      <Button type="submit" icon={<UserPlus size={14} aria-hidden />} disabled={!senderId} isBusy={isBusy}>
        {t("access.addButton")}
      </Button>
    </form>
  );
}
