/** What was typed into the settings of a platform, what is wrong with it, and keeping it. Lets go of a secret once kept. */
import { useMemo, useState } from "react";
import type { ChannelOffer } from "#main/protocol/methods/channels.ts";
import { needsConsent } from "../../../gateway/channel-actions.ts";
import { useApp, useAppState } from "../../../gateway/use-app.ts";
import { useWork } from "../../settings/use-work.ts";
import { findFaults, toEntries, toFields, toSettings, withoutSecrets } from "./fields.ts";

export type SetupForm = ReturnType<typeof useSetupForm>;

export function useSetupForm(offer: ChannelOffer, onSaved: () => void) {
  const app = useApp();
  const keptIn = useAppState((state) => state.auth?.secrets.backend);
  const fields = useMemo(() => toFields(offer.schema), [offer.schema]);
  const [entries, setEntries] = useState(() => toEntries(fields, offer.settings));
  const [isChecked, setIsChecked] = useState(false);
  const [isAsking, setIsAsking] = useState(false);
  const { isBusy, error, run } = useWork(true);
  const faults = findFaults(fields, entries, offer.heldSecrets);
  const saved = () => {
    setEntries((before) => withoutSecrets(fields, before));
    onSaved();
  };
  const isMet = (thrown: unknown) => {
    setIsAsking(needsConsent(thrown));
    return needsConsent(thrown);
  };
  return {
    fields,
    entries,
    error,
    isBusy,
    /** Where secrets are kept. */
    keptIn,
    /** There is no keychain: may secrets be kept in a file? */
    isAsking,
    dismiss: () => setIsAsking(false),
    /** Shown once someone tried. */
    faults: isChecked ? faults : {},
    set: (name: string, value: string) => setEntries((before) => ({ ...before, [name]: value })),
    save(consentFile = false) {
      setIsChecked(true);
      if (Object.keys(faults).length > 0) return;
      const settings = { enabled: true, ...toSettings(fields, entries, offer.settings) };
      run(app.channels.save(offer.id, settings, consentFile), saved, isMet);
    },
  };
}
