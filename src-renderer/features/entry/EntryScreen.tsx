/** The ways in: connecting, login, waiting for approval, and a gateway that does not start. */
import { useTranslation } from "react-i18next";
import type { DesktopBridge } from "#main/protocol/desktop.ts";
import type { Link } from "../../gateway/link.ts";
import { Spinner } from "../../ui/Spinner.tsx";
import { FailedScreen } from "./FailedScreen.tsx";
import { Gate } from "./Gate.tsx";
import { LoginScreen } from "./LoginScreen.tsx";
import { useGatewayState } from "./use-gateway-state.ts";

export function EntryScreen({ link, bridge }: { link: Link; bridge: DesktopBridge | undefined }) {
  const { t } = useTranslation();
  const own = useGatewayState(bridge);
  if (own?.state === "failed") {
    const failed = { phase: "failed", reason: "gateway", message: own.message, logTail: own.logTail } as const;
    return <FailedScreen link={failed} onRetry={() => void bridge?.call("gateway.retry")} />;
  }
  if (link.phase === "failed") return <FailedScreen link={link} onRetry={() => location.reload()} />;
  if (link.phase === "login") return <LoginScreen link={link} isDesktop={bridge !== undefined} />;
  if (link.phase === "pairing") {
    return (
      <Gate title={t("entry.pairingTitle")} icon={<Spinner size={18} />}>
        <p className="text-soft">{t("entry.pairingText")}</p>
        <p className="mt-4 rounded-md bg-sunken px-3 py-2.5">
          <span className="block text-small text-faint">{t("entry.pairingRequest")}</span>
          <span className="font-mono text-base [overflow-wrap:anywhere] select-all">{link.requestId}</span>
        </p>
        <p className="mt-3 text-small text-faint">{t("entry.pairingAuto")}</p>
      </Gate>
    );
  }
  const isStarting = own?.state === "starting";
  return (
    <main className="drag flex h-full flex-col items-center justify-center gap-4 text-soft" aria-busy="true">
      <Spinner size={22} />
      <p role="status">{isStarting ? t("entry.starting") : t("entry.connecting")}</p>
      {link.phase === "offline" ? <p className="max-w-sm text-center text-small text-faint">{link.reason}</p> : null}
    </main>
  );
}
