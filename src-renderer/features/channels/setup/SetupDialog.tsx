/** Setting a platform up, step by step: what it needs, whether it works, who may write. A typed secret is let go once kept. */
import { Check } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { ChannelOffer } from "#main/protocol/methods/channels.ts";
import { useAppState } from "../../../gateway/use-app.ts";
import { cx } from "../../../ui/class-names.ts";
import { Dialog } from "../../../ui/Dialog.tsx";
import { ConsentDialog } from "../../settings/ConsentDialog.tsx";
import { AccessStep } from "../access/AccessStep.tsx";
import { LinkStep } from "./LinkStep.tsx";
import { ProgressStep } from "./ProgressStep.tsx";
import { SettingsStep } from "./SettingsStep.tsx";
import { toFirstFocus } from "./StepFrame.tsx";
import { useSetupForm } from "./use-setup-form.ts";

export interface Opened {
  channel: string;
  begin: "settings" | "link" | "access";
}

/** `settings` → `link` for platforms with a code to scan → `progress` → `access`. */
type Phase = Opened["begin"] | "progress";

export function SetupDialog({ opened, onClose }: { opened: Opened; onClose(): void }) {
  const offer = useAppState((state) => state.channels.offers.find(({ id }) => id === opened.channel));
  return offer ? <Setup offer={offer} begin={opened.begin} onClose={onClose} /> : null;
}

function Setup({ offer, begin, onClose }: { offer: ChannelOffer; begin: Opened["begin"]; onClose(): void }) {
  const { t } = useTranslation();
  const [phase, setPhase] = useState<Phase>(begin);
  const [isNew] = useState(!offer.isConfigured);
  const form = useSetupForm(offer, () => setPhase(offer.login === "qr" ? "link" : "progress"));
  const name = offer.label;
  const title = isNew ? t("setup.title", { name }) : t("setup.editTitle", { name });
  const next = isNew ? () => setPhase("access") : onClose;
  const steps = {
    settings: <SettingsStep offer={offer} form={form} onBack={onClose} />,
    link: <LinkStep offer={offer} onNext={() => setPhase("progress")} onBack={onClose} />,
    progress: <ProgressStep offer={offer} onBack={() => setPhase("settings")} onNext={next} isLast={!isNew} />,
    access: <AccessStep offer={offer} onDone={onClose} />,
  };
  const titles = { link: t("setup.linkTitle", { name }), access: t("access.title", { name }) };
  return (
    <Dialog
      isOpen
      isKept
      onClose={onClose}
      title={{ settings: title, progress: title, ...titles }[phase]}
      closeLabel={t("common.close")}
      initialFocus={toFirstFocus}
      className="max-w-[34rem]"
    >
      {isNew ? <Steps phase={phase} /> : null}
      {steps[phase]}
      <ConsentDialog isOpen={form.isAsking} onClose={form.dismiss} onAgree={() => form.save(true)} />
    </Dialog>
  );
}

/** Where in the way one is: three steps. */
function Steps({ phase }: { phase: Phase }) {
  const { t } = useTranslation();
  const at = phase === "settings" ? 0 : phase === "access" ? 2 : 1;
  return (
    <ol className="flex gap-x-4 gap-y-1 px-5 pt-1 text-small max-sm:flex-wrap" aria-label={t("setup.steps")}>
      {(["Settings", "Connection", "Access"] as const).map((step, index) => (
        <li
          key={step}
          aria-current={index === at ? "step" : undefined}
          className={cx("flex items-center gap-1.5", index === at ? "font-medium text-ink" : "text-faint")}
        >
          <span
            className={cx(
              "inline-flex size-4.5 items-center justify-center rounded-full text-micro font-semibold tabular-nums",
              index <= at ? "bg-tint text-accent" : "bg-hover",
            )}
          >
            {index < at ? <Check size={11} strokeWidth={3} aria-label={t("setup.stepDone")} /> : index + 1}
          </span>
          {t(`setup.step${step}`)}
        </li>
      ))}
    </ol>
  );
}
