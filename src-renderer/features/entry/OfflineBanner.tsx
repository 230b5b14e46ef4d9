/** Says that the connection is lost and when the next try is. Shown only once the window had been connected. */
import { WifiOff } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useApp, useAppState } from "../../gateway/use-app.ts";
import { Button } from "../../ui/Button.tsx";

export function OfflineBanner() {
  const { t } = useTranslation();
  const app = useApp();
  const link = useAppState((state) => state.link);
  const seconds = useCountdown(link.phase === "offline" ? link.retryAt : undefined);
  if (link.phase !== "offline" && link.phase !== "connecting") return null;
  return (
    <div
      role="status"
      className="flex min-h-10 items-center gap-2.5 border-b border-line bg-warn-tint px-4 py-1.5 text-base"
    >
      <WifiOff size={15} aria-hidden className="shrink-0 text-warn" />
      <p className="min-w-0 flex-1">
        <span className="font-medium">{t("entry.offline")}</span>{" "}
        <span className="tabular-nums" aria-hidden>
          {link.phase === "connecting" || seconds === undefined || seconds === 0
            ? t("entry.reconnecting")
            : t("entry.offlineRetry", { count: seconds })}
        </span>
      </p>
      <Button size="small" onClick={() => app.connection.retryNow()} disabled={link.phase === "connecting"}>
        {t("common.retryNow")}
      </Button>
    </div>
  );
}

/** Whole seconds until `at`, counted down; undefined without a time. */
function useCountdown(at: number | undefined): number | undefined {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (at === undefined) return undefined;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [at]);
  return at === undefined ? undefined : Math.max(0, Math.ceil((at - now) / 1000));
}
