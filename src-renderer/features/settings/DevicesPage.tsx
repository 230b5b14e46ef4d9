/** Who may connect: requests to answer, devices to revoke. */
import { Laptop, Smartphone } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { PairedDevice } from "#main/protocol/methods/devices.ts";
import { may } from "../../gateway/store.ts";
import { useAppState } from "../../gateway/use-app.ts";
import { toWhen } from "../../i18n/format.ts";
import { Badge } from "../../ui/Badge.tsx";
import { Button } from "../../ui/Button.tsx";
import { EmptyState } from "../../ui/EmptyState.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { Skeleton } from "../../ui/Skeleton.tsx";
import { Section } from "./parts.tsx";
import { PendingRow, useScopeWords } from "./PendingRow.tsx";
import { RevokeDialog } from "./RevokeDialog.tsx";

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
              <PendingRow key={device.requestId} device={device} />
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
