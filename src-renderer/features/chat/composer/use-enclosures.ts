/** The pictures and files that wait to be sent with the next message. */
import { useCallback, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { showError } from "../../../ui/toast.tsx";
import { type Enclosure, MAX_TOTAL, toEnclosure } from "./enclosure.ts";

export interface Enclosures {
  items: readonly Enclosure[];
  add(files: readonly File[]): Promise<void>;
  remove(id: string): void;
  clear(): void;
}

/** @param maxPayload bytes of the largest frame that the gateway takes */
export function useEnclosures(maxPayload: number): Enclosures {
  const { t } = useTranslation();
  const [items, setItems] = useState<readonly Enclosure[]>([]);
  const current = useRef(items);
  const change = useCallback((next: readonly Enclosure[]) => {
    current.current = next;
    setItems(next);
  }, []);
  const add = useCallback(
    async (files: readonly File[]) => {
      const total = Math.min(MAX_TOTAL, maxPayload - 60_000);
      for (const file of files) {
        const used = current.current.reduce((sum, item) => sum + item.attachment.content.length, 0);
        const result = await toEnclosure(file, total - used, crypto.randomUUID());
        if (typeof result === "string") showError(t(`composer.${result}`, { name: file.name }));
        else change([...current.current, result]);
      }
    },
    [change, maxPayload, t],
  );
  return {
    items,
    add,
    remove: (id) => change(current.current.filter((item) => item.id !== id)),
    clear: () => change([]),
  };
}
