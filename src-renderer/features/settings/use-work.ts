/** Does something at the gateway: busy meanwhile, and what went wrong is told. */
import { useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import { wordsOf } from "../../gateway/chat-actions.ts";
import { showError } from "../../ui/toast.tsx";

export function useWork() {
  const { t } = useTranslation();
  const [isBusy, setIsBusy] = useState(false);
  const run = useCallback(
    /** @param fail instead of a passing message */
    (work: Promise<unknown>, done?: () => void, fail?: (words: string, thrown: unknown) => void) => {
      const tell = (message: string) => showError(t("common.failed", { message }));
      setIsBusy(true);
      return work
        .then(done, (thrown: unknown) => (fail ?? tell)(wordsOf(thrown), thrown))
        .finally(() => setIsBusy(false));
    },
    [t],
  );
  return { isBusy, run };
}
