/** Says that the connection is lost and when the next try is. Shown only once the window had been connected. */
import { WifiOff } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useApp, useAppState } from "../../gateway/use-app.ts";
import { Button } from "../../ui/Button.tsx";
import { useNow } from "../approvals/use-now.ts";

export function OfflineBanner() {
  const { t } = useTranslation();
  const app = useApp();
  const link = useAppState((state) => state.link);
  const at = link.phase === "offline" ? link.retryAt : undefined;
  const now = useNow(at !== undefined);
  const seconds = at === undefined ? 0 : Math.max(0, Math.ceil((at - now) / 1000));
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
          {seconds === 0 ? t("entry.reconnecting") : t("entry.offlineRetry", { count: seconds })}
        </span>
      </p>
      <Button size="small" onClick={() => app.connection.retryNow()} disabled={link.phase === "connecting"}>
        {t("common.retryNow")}
      </Button>
    </div>
  );
}
