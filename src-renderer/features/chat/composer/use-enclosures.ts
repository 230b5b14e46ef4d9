/** The pictures and files that wait to be sent with the next message, kept per conversation. */
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import type { Enclosure } from "../../../gateway/chat-model.ts";
import { useApp, useAppState } from "../../../gateway/use-app.ts";
import { showError } from "../../../ui/toast.tsx";
import { MAX_TOTAL, toEnclosure } from "./enclosure.ts";

export type Enclosures = ReturnType<typeof useEnclosures>;

const NONE: readonly Enclosure[] = [];

export function useEnclosures(sessionKey: string) {
  const { t } = useTranslation();
  const { store } = useApp();
  const items = useAppState((state) => state.enclosures[sessionKey] ?? NONE);
  const change = useCallback(
    (step: (items: readonly Enclosure[]) => readonly Enclosure[]) =>
      store.setState(({ enclosures }) => ({
        enclosures: { ...enclosures, [sessionKey]: step(enclosures[sessionKey] ?? NONE) },
      })),
    [sessionKey, store],
  );
  const add = useCallback(
    async (files: readonly File[]) => {
      for (const file of files) {
        const { enclosures, maxPayload } = store.getState();
        // Bytes of the largest frame that the gateway takes, less what the words and the frame need.
        const total = Math.min(MAX_TOTAL, maxPayload - 60_000);
        const used = (enclosures[sessionKey] ?? NONE).reduce((sum, item) => sum + item.attachment.content.length, 0);
        const result = await toEnclosure(file, total - used, crypto.randomUUID());
        if (typeof result === "string") showError(t(`composer.${result}`, { name: file.name }));
        else change((known) => [...known, result]);
      }
    },
    [change, sessionKey, store, t],
  );
  return {
    items,
    add,
    remove: (id: string) => change((known) => known.filter((item) => item.id !== id)),
    clear: () => change(() => NONE),
  };
}
