/** Who may connect: requests to answer, devices to revoke. */
import { Laptop, Smartphone } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { PairedDevice, PendingDevice } from "#main/protocol/methods/devices.ts";
import { wordsOf } from "../../gateway/chat-actions.ts";
import { may } from "../../gateway/store.ts";
import { useApp, useAppState } from "../../gateway/use-app.ts";
import { toWhen } from "../../i18n/format.ts";
import { Badge } from "../../ui/Badge.tsx";
import { Button } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { EmptyState } from "../../ui/EmptyState.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { Skeleton } from "../../ui/Skeleton.tsx";
import { showError, showToast } from "../../ui/toast.tsx";
import { Section } from "./parts.tsx";

export function DevicesPage() {
  const { t } = useTranslation();
  const devices = useAppState((state) => state.devices);
  const mayPair = useAppState((state) => may(state, "operator.pairing"));
  const [revoking, setRevoking] = useState<PairedDevice>();
  if (!mayPair) return <Notice>{t("settings.noRight")}</Notice>;
  if (!devices) return <Skeleton className="h-24 w-full" />;
  return (
    <>
      <p className="mb-6 text-soft">{t("devices.intro")}</p>
      {devices.pending.length > 0 ? (
        <Section title={t("devices.pending")}>
          <ul className="flex flex-col gap-2">
            {devices.pending.map((device) => (
              <Pending key={device.requestId} device={device} />
            ))}
          </ul>
        </Section>
      ) : null}
      <Section title={t("devices.paired")}>
        {devices.paired.length === 0 ? <EmptyState title={t("devices.none")} /> : null}
        <ul className="divide-y divide-line rounded-lg border border-line empty:hidden">
          {devices.paired.map((device) => (
            <Paired key={device.deviceId} device={device} onRevoke={() => setRevoking(device)} />
          ))}
        </ul>
      </Section>
      <RevokeDialog device={revoking} onClose={() => setRevoking(undefined)} />
    </>
  );
}

/** The rights in words, or "everything". */
function useScopeWords(): (scopes: readonly string[]) => string {
  const { t } = useTranslation();
  return (scopes) => {
    const names = scopes.map((scope) => scope.replace("operator.", ""));
    const known = ["read", "write", "admin", "approvals", "pairing", "questions", "talk"] as const;
    if (names.includes("admin")) return t("devices.full");
    return known
      .filter((name) => names.includes(name))
      .map((name) => t(`devices.${name}`))
      .join(", ");
  };
}

function Pending({ device }: { device: PendingDevice }) {
  const { t } = useTranslation();
  const app = useApp();
  const words = useScopeWords();
  const [isBusy, setIsBusy] = useState(false);
  const answer = (isApproved: boolean) => {
    setIsBusy(true);
    app.config
      .answerPairing(device.requestId, isApproved)
      .catch((error: unknown) => showError(t("common.failed", { message: wordsOf(error) })))
      .finally(() => setIsBusy(false));
  };
  return (
    <li className="flex flex-wrap items-center gap-3 rounded-lg border border-edge p-3.5">
      <div className="min-w-0 flex-1 basis-56">
        <p className="font-medium">{device.displayName ?? t("devices.unnamed")}</p>
        <p className="text-small text-soft">
          {[device.platform, device.remoteAddress ? t("devices.from", { address: device.remoteAddress }) : ""]
            .filter(Boolean)
            .join(" · ")}
        </p>
        <p className="text-small text-soft">{t("devices.asks", { scopes: words(device.scopes) })}</p>
        <p className="mt-1 font-mono text-small text-faint [overflow-wrap:anywhere]">{device.requestId}</p>
      </div>
      <Button look="ghost" disabled={isBusy} onClick={() => answer(false)}>
        {t("devices.reject")}
      </Button>
      <Button look="primary" isBusy={isBusy} onClick={() => answer(true)}>
        {t("devices.approve")}
      </Button>
    </li>
  );
}

function Paired({ device, onRevoke }: { device: PairedDevice; onRevoke(): void }) {
  const { t, i18n } = useTranslation();
  const words = useScopeWords();
  const isPhone = /ios|android|phone/i.test(`${device.platform ?? ""} ${device.clientId ?? ""}`);
  return (
    <li className="flex items-center gap-3 px-3.5 py-3">
      {isPhone ? (
        <Smartphone size={18} aria-hidden className="shrink-0 text-faint" />
      ) : (
        <Laptop size={18} aria-hidden className="shrink-0 text-faint" />
      )}
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-center gap-2 font-medium">
          {device.displayName ?? t("devices.unnamed")}
          {device.connected ? <Badge tone="ok">{t("devices.connected")}</Badge> : null}
        </p>
        <p className="text-small text-soft">
          {[
            device.platform,
            t("devices.may", { scopes: words(device.scopes) }),
            device.lastSeenAtMs
              ? t("devices.lastSeen", { when: toWhen(device.lastSeenAtMs, Date.now(), i18n.language) })
              : "",
          ]
            .filter(Boolean)
            .join(" · ")}
        </p>
      </div>
      <Button look="danger" size="small" onClick={onRevoke}>
        {t("devices.revoke")}
      </Button>
    </li>
  );
}

function RevokeDialog({ device, onClose }: { device: PairedDevice | undefined; onClose(): void }) {
  const { t } = useTranslation();
  const app = useApp();
  const name = device?.displayName ?? t("devices.unnamed");
  const revoke = () => {
    if (!device) return;
    onClose();
    app.config.removeDevice(device.deviceId).then(
      () => showToast(t("devices.revoked", { name })),
      (error: unknown) => showError(t("common.failed", { message: wordsOf(error) })),
    );
  };
  return (
    <Dialog
      isOpen={device !== undefined}
      onClose={onClose}
      title={t("devices.revokeTitle", { name })}
      description={t("devices.revokeText")}
      closeLabel={t("common.close")}
      footer={
        <>
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button look="danger" onClick={revoke}>
            {t("devices.revoke")}
          </Button>
        </>
      }
    />
  );
}
