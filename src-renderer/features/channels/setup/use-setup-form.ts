/** What was typed into the settings of a platform, what is wrong with it, and keeping it. Lets go of a secret once kept. */
import { useMemo, useState } from "react";
import type { ChannelOffer } from "#main/protocol/methods/channels.ts";
import { wordsOf } from "../../../gateway/chat-actions.ts";
import { useApp } from "../../../gateway/use-app.ts";
import { findFaults, toEntries, toFields, toSettings, withoutSecrets } from "./fields.ts";

export type SetupForm = ReturnType<typeof useSetupForm>;

export function useSetupForm(offer: ChannelOffer, onSaved: () => void) {
  const app = useApp();
  const fields = useMemo(() => toFields(offer.schema), [offer.schema]);
  const [entries, setEntries] = useState(() => toEntries(fields, offer.settings));
  const [isChecked, setIsChecked] = useState(false);
  const [isSaving, setIsSaving] = useState(false);
  const [error, setError] = useState<string>();
  const faults = findFaults(fields, entries, offer.heldSecrets);
  return {
    fields,
    entries,
    error,
    isSaving,
    /** Shown once someone tried. */
    faults: isChecked ? faults : {},
    set: (name: string, value: string) => setEntries((before) => ({ ...before, [name]: value })),
    async save() {
      setIsChecked(true);
      if (Object.keys(faults).length > 0) return;
      setIsSaving(true);
      setError(undefined);
      try {
        await app.channels.save(offer.id, { enabled: true, ...toSettings(fields, entries, offer.settings) });
        setEntries((before) => withoutSecrets(fields, before));
        onSaved();
      } catch (thrown) {
        setError(wordsOf(thrown));
      }
      setIsSaving(false);
    },
  };
}
