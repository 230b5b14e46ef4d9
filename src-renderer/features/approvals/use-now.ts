/** The time, drawn anew in steps. Nothing runs while nobody needs it. */
import { useEffect, useState } from "react";

/** Milliseconds since 1970, at most a step old. @param isRunning false: no timer, and the time of the last drawing */
export function useNow(isRunning: boolean, stepMs = 1000): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!isRunning) return undefined;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), stepMs);
    return () => clearInterval(timer);
  }, [isRunning, stepMs]);
  return now;
}
