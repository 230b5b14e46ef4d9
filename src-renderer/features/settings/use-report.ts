/** Reads something from the gateway when a page opens, and again on request; keeps the old figures meanwhile. */
import { useCallback, useEffect, useState } from "react";
import { wordsOf } from "../../gateway/chat-actions.ts";

/** @param read stable between drawings, or it is read again */
export function useReport<T>(read: () => Promise<T>) {
  const [value, setValue] = useState<T>();
  const [error, setError] = useState<string>();
  const [isLoading, setIsLoading] = useState(true);
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    let isOld = false;
    setIsLoading(true);
    read()
      .then(
        (next) => {
          if (isOld) return;
          setValue(next);
          setError(undefined);
        },
        (thrown: unknown) => (isOld ? undefined : setError(wordsOf(thrown))),
      )
      .finally(() => (isOld ? undefined : setIsLoading(false)));
    return () => {
      isOld = true;
    };
  }, [read, turn]);
  return { value, error, isLoading, reload: useCallback(() => setTurn((count) => count + 1), []) };
}
