/** What a platform needs: how to get it, and the fields made from its schema. */
import { ExternalLink, Eye, EyeOff } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { ChannelOffer } from "#main/protocol/methods/channels.ts";
import { openLink, toSafeLink } from "../../../gateway/bridge.ts";
import { Button } from "../../../ui/Button.tsx";
import { IconButton } from "../../../ui/IconButton.tsx";
import { Notice } from "../../../ui/Notice.tsx";
import { Select } from "../../../ui/Select.tsx";
import { Switch } from "../../../ui/Switch.tsx";
import { TextField, type TextFieldProps } from "../../../ui/TextField.tsx";
import type { SettingField } from "./fields.ts";
import { StepBody, StepFooter, type StepProps } from "./StepFrame.tsx";
import type { SetupForm } from "./use-setup-form.ts";

export function SettingsStep({ offer, form, onBack }: Omit<StepProps, "onNext"> & { form: SetupForm }) {
  const { t } = useTranslation();
  const usual = form.fields.filter((field) => !field.isAdvanced);
  const more = form.fields.filter((field) => field.isAdvanced);
  // What is wrong is never hidden.
  const isFaultHidden = more.some((field) => form.faults[field.name]);
  const toField = (field: SettingField) => <FieldRow key={field.name} field={field} offer={offer} form={form} />;
  return (
    <form
      className="flex min-h-0 flex-col"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        const fields = event.currentTarget;
        form.save();
        requestAnimationFrame(() => fields.querySelector<HTMLElement>("[aria-invalid=true]")?.focus());
      }}
    >
      <StepBody>
        <HowTo offer={offer} />
        {usual.map(toField)}
        {more.length > 0 ? (
          <details open={isFaultHidden || undefined}>
            <summary className="cursor-pointer touch:py-3 text-base font-medium text-soft hover:text-ink">
              {t("setup.more")}
            </summary>
            <div className="mt-3.5 flex flex-col gap-4">{more.map(toField)}</div>
          </details>
        ) : null}
        {form.error ? (
          <Notice tone="danger" role="alert" isMarked>
            <p className="font-medium">{t("setup.refused")}</p>
            <p>{form.error}</p>
          </Notice>
        ) : null}
      </StepBody>
      <StepFooter>
        <Button onClick={onBack}>{t("common.cancel")}</Button>
        <Button look="primary" type="submit" isBusy={form.isBusy}>
          {offer.isConfigured ? t("setup.save") : offer.login === "qr" ? t("setup.next") : t("setup.connect")}
        </Button>
      </StepFooter>
    </form>
  );
}

function HowTo({ offer }: { offer: ChannelOffer }) {
  const { t } = useTranslation();
  const link = toSafeLink(offer.setupUrl);
  if (offer.setup.length === 0) return <p className="text-soft">{offer.summary}</p>;
  return (
    <div className="rounded-md bg-sunken px-4 py-3">
      <ol className="flex list-decimal flex-col gap-1.5 pl-4.5 marker:font-medium marker:text-faint">
        {offer.setup.map((step) => (
          <li key={step} className="pl-1 [overflow-wrap:anywhere]">
            {step}
          </li>
        ))}
      </ol>
      {link ? (
        <Button
          size="small"
          className="mt-3"
          icon={<ExternalLink size={13} aria-hidden />}
          onClick={() => openLink(link.href)}
        >
          {t("setup.openSite", { host: link.host || link.href })}
        </Button>
      ) : null}
    </div>
  );
}

function FieldRow({ field, offer, form }: { field: SettingField; offer: ChannelOffer; form: SetupForm }) {
  const { t } = useTranslation();
  const { name, label, kind, hint } = field;
  const value = form.entries[name] ?? "";
  const fault = form.faults[name];
  const onChange = (next: string) => form.set(name, next);
  const isHeld = offer.heldSecrets.includes(name);
  // What has a default, or is only for those who look for it, needs no word.
  const isOptional = !field.isRequired && !field.isAdvanced && field.fallback === "" && !isHeld;
  const common = {
    label: isOptional ? t("setup.optional", { label }) : label,
    hint,
    value,
    onChange,
    error: fault && t(`setup.fault_${fault}`),
  };
  if (kind === "secret") return <SecretField {...common} isHeld={isHeld} keptIn={form.keptIn} />;
  if (kind === "list") return <TextField {...common} isLong hint={`${hint} ${t("setup.perLine")}`.trim()} />;
  if (kind !== "switch" && kind !== "choice") {
    return <TextField {...common} spellCheck={false} {...(kind === "number" ? { inputMode: "decimal" } : {})} />;
  }
  const options = field.choices.map((choice) => ({ value: choice, label: choice }));
  return (
    <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2">
      <div className="min-w-0 flex-1 basis-40">
        <p className="font-medium">{label}</p>
        {hint ? <p className="text-small text-faint">{hint}</p> : null}
      </div>
      {kind === "switch" ? (
        <Switch label={label} isOn={value === "true"} onChange={(isOn) => onChange(String(isOn))} />
      ) : (
        <Select label={label} value={value} options={options} onChange={onChange} />
      )}
    </div>
  );
}

interface SecretFieldProps extends TextFieldProps {
  isHeld: boolean;
  keptIn: string | undefined;
}

/** Shown as dots unless asked for. A kept one is only ever replaced. */
function SecretField({ hint = "", isHeld, keptIn, onChange, ...rest }: SecretFieldProps) {
  const { t } = useTranslation();
  const [isShown, setIsShown] = useState(false);
  const { label } = rest;
  const elsewhere = isHeld && keptIn ? t("models.keyKept", { source: keptIn }) : "";
  const note = keptIn === "keychain" ? t(isHeld ? "setup.held" : "setup.kept") : elsewhere;
  return (
    <div className="relative">
      <TextField
        {...rest}
        hint={`${hint} ${note}`.trim()}
        type={isShown ? "text" : "password"}
        autoComplete="off"
        spellCheck={false}
        onChange={(next) => onChange(next.trim())}
        placeholder={isHeld ? t("setup.heldPlaceholder") : ""}
        inputClassName="pr-10 font-mono touch:pr-12"
      />
      <IconButton
        size="small"
        className="absolute! top-7 right-0.5 touch:top-6.5"
        label={isShown ? t("setup.hide", { label }) : t("setup.show", { label })}
        isPressed={isShown}
        icon={isShown ? <EyeOff size={15} aria-hidden /> : <Eye size={15} aria-hidden />}
        onClick={() => setIsShown(!isShown)}
      />
    </div>
  );
}
