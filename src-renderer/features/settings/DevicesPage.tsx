/** Who may connect: requests to answer, devices to revoke. */
import { Laptop, Smartphone } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { PairedDevice, PendingDevice } from "#main/protocol/methods/devices.ts";
import { may } from "../../gateway/store.ts";
import { useApp, useAppState } from "../../gateway/use-app.ts";
import { toWhen } from "../../i18n/format.ts";
import { Badge } from "../../ui/Badge.tsx";
import { Button } from "../../ui/Button.tsx";
import { Confirm } from "../../ui/Dialog.tsx";
import { EmptyState } from "../../ui/EmptyState.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { showToast } from "../../ui/toast.tsx";
import { Pending, Section, toLine } from "./parts.tsx";
import { useWork } from "./use-work.ts";

const SCOPES = ["read", "write", "admin", "approvals", "pairing", "questions", "talk"] as const;

/** The rights in words, or "everything". */
function useScopeWords(): (scopes: readonly string[]) => string {
  const { t } = useTranslation();
  return (scopes) => {
    const names = new Set(scopes.map((scope) => scope.replace("operator.", "")));
    if (names.has("admin")) return t("devices.full");
    return SCOPES.filter((name) => names.has(name))
      .map((name) => t(`devices.${name}`))
      .join(", ");
  };
}

export function DevicesPage() {
  const { t } = useTranslation();
  const devices = useAppState((state) => state.devices);
  const mayPair = useAppState((state) => may(state, "operator.pairing"));
  if (!mayPair) return <Notice>{t("settings.noRight")}</Notice>;
  if (!devices) return <Pending />;
  return (
    <>
      <p className="mb-6 text-soft">{t("devices.intro")}</p>
      {devices.pending.length > 0 ? (
        <Section title={t("devices.pending")}>
          <ul className="flex flex-col gap-2">
            {devices.pending.map((device) => (
              <Asking key={device.requestId} device={device} />
            ))}
          </ul>
        </Section>
      ) : null}
      <Section title={t("devices.paired")}>
        {devices.paired.length === 0 ? <EmptyState title={t("devices.none")} /> : null}
        <ul className="divide-y divide-line rounded-lg border border-line empty:hidden">
          {devices.paired.map((device) => (
            <Paired key={device.deviceId} device={device} />
          ))}
        </ul>
      </Section>
    </>
  );
}

/** A device that asks to come in: who it is, what it asks for, yes or no. */
function Asking({ device }: { device: PendingDevice }) {
  const { t } = useTranslation();
  const app = useApp();
  const words = useScopeWords();
  const { isBusy, run } = useWork();
  const { requestId, displayName, platform, remoteAddress: address, scopes } = device;
  const answer = (isApproved: boolean) => run(app.config.answerPairing(requestId, isApproved));
  return (
    <li className="flex flex-wrap items-center gap-3 rounded-lg border border-edge p-3.5">
      <div className="min-w-0 flex-1 basis-56">
        <p className="font-medium">{displayName ?? t("devices.unnamed")}</p>
        <p className="text-small text-soft">{toLine(platform, address && t("devices.from", { address }))}</p>
        <p className="text-small text-soft">{t("devices.asks", { scopes: words(scopes) })}</p>
        <p className="mt-1 font-mono text-small text-faint [overflow-wrap:anywhere]">{requestId}</p>
      </div>
      <div className="flex gap-2 max-sm:w-full max-sm:justify-end">
        <Button look="ghost" disabled={isBusy} onClick={() => answer(false)}>
          {t("devices.reject")}
        </Button>
        <Button look="primary" isBusy={isBusy} onClick={() => answer(true)}>
          {t("devices.approve")}
        </Button>
      </div>
    </li>
  );
}

function Paired({ device }: { device: PairedDevice }) {
  const { t, i18n } = useTranslation();
  const app = useApp();
  const words = useScopeWords();
  const { run } = useWork();
  const [isAsked, setIsAsked] = useState(false);
  const { displayName: name = t("devices.unnamed"), platform, clientId, lastSeenAtMs: seen, scopes } = device;
  const Picture = /ios|android|phone/i.test(`${platform ?? ""} ${clientId ?? ""}`) ? Smartphone : Laptop;
  const rights = t("devices.may", { scopes: words(scopes) });
  const lastSeen = seen && t("devices.lastSeen", { when: toWhen(seen, Date.now(), i18n.language) });
  const revoked = () => showToast(t("devices.revoked", { name }));
  return (
    <li className="flex items-center gap-3 px-3.5 py-3">
      <Picture size={18} aria-hidden className="shrink-0 text-faint" />
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-center gap-2 font-medium">
          {name}
          {device.connected ? <Badge tone="ok">{t("devices.connected")}</Badge> : null}
        </p>
        <p className="text-small text-soft">{toLine(platform, rights, lastSeen)}</p>
      </div>
      <Button look="danger" size="small" onClick={() => setIsAsked(true)}>
        {t("devices.revoke")}
      </Button>
      <Confirm
        isOpen={isAsked}
        isDangerous
        onClose={() => setIsAsked(false)}
        title={t("devices.revokeTitle", { name })}
        description={t("devices.revokeText")}
        closeLabel={t("common.close")}
        yes={t("devices.revoke")}
        no={t("common.cancel")}
        onYes={() => run(app.config.removeDevice(device.deviceId), revoked)}
      />
    </li>
  );
}
