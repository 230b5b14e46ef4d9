/** One service: whether it is connected, and its form when it is opened. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { ProviderStatus } from "#main/protocol/methods/config.ts";
import { useApp } from "../../gateway/use-app.ts";
import { Badge } from "../../ui/Badge.tsx";
import { Button } from "../../ui/Button.tsx";
import { Chevron } from "../../ui/Chevron.tsx";
import { showToast } from "../../ui/toast.tsx";
import { ProviderForm } from "./ProviderForm.tsx";
import type { Service } from "./providers.ts";
import { useWork } from "./use-work.ts";

interface ProviderCardProps {
  service: Service;
  status: ProviderStatus | undefined;
  mayChange: boolean;
}

const STANDINGS = {
  ready: { key: "models.ready", tone: "ok" },
  "missing-key": { key: "models.missingKey", tone: "warn" },
  off: { key: "models.off", tone: "neutral" },
  error: { key: "models.error", tone: "danger" },
} as const;

export function ProviderCard({ service, status, mayChange }: ProviderCardProps) {
  const { t } = useTranslation();
  const app = useApp();
  const { run } = useWork();
  const [isOpen, setIsOpen] = useState(false);
  const { label: name, provider } = service;
  const remove = () => run(app.config.removeProvider(provider), () => showToast(t("models.removed", { name })));
  // A service that was never set up is not a problem to point at.
  const isShown =
    status !== undefined && status.status !== "off" && (status.status !== "missing-key" || service.needsUrl);
  const detail = isShown ? (status.message ?? status.baseUrl) : undefined;
  const standing = isShown ? STANDINGS[status.status] : undefined;
  return (
    <div className="overflow-hidden rounded-lg border border-line">
      <button
        type="button"
        aria-expanded={isOpen}
        disabled={!mayChange}
        onClick={() => setIsOpen(!isOpen)}
        className="group flex w-full items-center gap-3 px-4 py-3 text-left outline-offset-[-2px] enabled:hover:bg-hover"
      >
        <span className="min-w-0 flex-1">
          <span className="flex items-center gap-2 font-medium">
            {name}
            {standing ? <Badge tone={standing.tone}>{t(standing.key)}</Badge> : null}
          </span>
          <span className="block text-small text-soft">{detail ?? t(`models.${service.hint}`)}</span>
        </span>
        {mayChange ? <Chevron size={16} /> : null}
      </button>
      {isOpen ? (
        <div className="border-t border-line px-4 py-4">
          <ProviderForm service={service} status={status} onSaved={() => setIsOpen(false)} />
          {isShown ? (
            <div className="mt-4 border-t border-line pt-3">
              <Button look="danger" size="small" onClick={remove}>
                {t("models.removeProvider")}
              </Button>
            </div>
          ) : null}
        </div>
      ) : null}
    </div>
  );
}
