/** Who may write: the rules, read back as a sentence while they change, and the people by name. */
import { CircleAlert } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { ChannelOffer } from "#main/protocol/methods/channels.ts";
import { wordsOf } from "../../../gateway/chat-actions.ts";
import { may } from "../../../gateway/store.ts";
import { useApp, useAppState } from "../../../gateway/use-app.ts";
import { Button } from "../../../ui/Button.tsx";
import { Notice } from "../../../ui/Notice.tsx";
import { StepBody, StepFooter } from "../setup/StepFrame.tsx";
import { AccessSentence } from "./AccessSentence.tsx";
import { People } from "./People.tsx";
import { RuleControls } from "./RuleControls.tsx";
import { type AccessRules, hasSoundLimits, readAccess, toAccessSettings } from "./rules.ts";

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
        <RuleControls rules={rules} hasGroups={offer.groups} isSound={isSound} onChange={set} />
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
