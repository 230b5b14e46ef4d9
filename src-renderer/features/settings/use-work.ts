/** Does something at the gateway: busy meanwhile, and what went wrong is told. */
import { useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import { wordsOf } from "../../gateway/chat-actions.ts";
import { showError } from "../../ui/toast.tsx";

/** @param isInline what went wrong is in `error`, until the next try, and not in a passing message */
export function useWork(isInline = false) {
  const { t } = useTranslation();
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<string>();
  const run = useCallback(
    /** @param isMet true when something else is done about what went wrong */
    (work: Promise<unknown>, done?: () => void, isMet?: (thrown: unknown) => boolean) => {
      const fail = (thrown: unknown) => {
        if (isMet?.(thrown)) return;
        if (isInline) setError(wordsOf(thrown));
        else showError(t("common.failed", { message: wordsOf(thrown) }));
      };
      setIsBusy(true);
      setError(undefined);
      void work.then(done, fail).finally(() => setIsBusy(false));
    },
    [isInline, t],
  );
  return { isBusy, error, run };
}
