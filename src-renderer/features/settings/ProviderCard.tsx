/** One service: whether it is connected, and its form when it is opened. */
import { ChevronRight } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { ProviderStatus } from "#main/protocol/methods/config.ts";
import { wordsOf } from "../../gateway/chat-actions.ts";
import { useApp } from "../../gateway/use-app.ts";
import { Badge, type Tone } from "../../ui/Badge.tsx";
import { Button } from "../../ui/Button.tsx";
import { cx } from "../../ui/class-names.ts";
import { showError, showToast } from "../../ui/toast.tsx";
import { ProviderForm } from "./ProviderForm.tsx";
import type { Service } from "./providers.ts";

export interface ProviderCardProps {
  service: Service;
  status: ProviderStatus | undefined;
  mayChange: boolean;
}

const TONES: Record<ProviderStatus["status"], Tone> = {
  ready: "ok",
  "missing-key": "warn",
  off: "neutral",
  error: "danger",
};

export function ProviderCard({ service, status, mayChange }: ProviderCardProps) {
  const { t } = useTranslation();
  const app = useApp();
  const [isOpen, setIsOpen] = useState(false);
  const words = {
    ready: t("models.ready"),
    "missing-key": t("models.missingKey"),
    off: t("models.off"),
    error: t("models.error"),
  };
  const remove = () =>
    void app.config.removeProvider(service.provider).then(
      () => showToast(t("models.removed", { name: service.label })),
      (error: unknown) => showError(t("common.failed", { message: wordsOf(error) })),
    );
  // A service that was never set up is not a problem to point at.
  const isShown =
    status !== undefined && status.status !== "off" && (status.status !== "missing-key" || service.needsUrl);
  const detail = isShown ? (status.message ?? status.baseUrl) : undefined;
  return (
    <div className="overflow-hidden rounded-lg border border-line">
      <button
        type="button"
        aria-expanded={isOpen}
        disabled={!mayChange}
        onClick={() => setIsOpen(!isOpen)}
        className="flex w-full items-center gap-3 px-4 py-3 text-left outline-offset-[-2px] enabled:hover:bg-hover"
      >
        <span className="min-w-0 flex-1">
          <span className="flex items-center gap-2 font-medium">
            {service.label}
            {isShown ? <Badge tone={TONES[status.status]}>{words[status.status]}</Badge> : null}
          </span>
          <span className="block text-small text-soft">{detail ?? t(`models.${service.hint}`)}</span>
        </span>
        {mayChange ? (
          <ChevronRight
            size={16}
            aria-hidden
            className={cx("shrink-0 text-faint transition-transform duration-100", isOpen && "rotate-90")}
          />
        ) : null}
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
