/** Says why there is no way in, shows the log, and offers the next step. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Link } from "../../gateway/link.ts";
import { Button } from "../../ui/Button.tsx";
import { Gate } from "./Gate.tsx";

export function FailedScreen({ link, onRetry }: { link: Extract<Link, { phase: "failed" }>; onRetry(): void }) {
  const { t } = useTranslation();
  const [isLogShown, setIsLogShown] = useState(false);
  const words = {
    gateway: { title: t("entry.failedTitle"), text: link.message, action: t("common.retry") },
    insecure: { title: t("entry.insecureTitle"), text: t("entry.insecureText"), action: t("entry.reload") },
    version: { title: t("entry.versionTitle"), text: t("entry.versionText"), action: t("entry.reload") },
  }[link.reason];
  return (
    <Gate title={words.title}>
      <p role="alert" className="whitespace-pre-wrap text-soft [overflow-wrap:anywhere]">
        {words.text}
      </p>
      {isLogShown ? (
        <pre
          tabIndex={0}
          className="mt-4 max-h-60 overflow-auto rounded-md bg-sunken p-3 font-mono text-small select-text"
        >
          {link.logTail.join("\n")}
        </pre>
      ) : null}
      <div className="mt-5 flex gap-2">
        <Button look="primary" onClick={onRetry}>
          {words.action}
        </Button>
        {link.logTail.length > 0 ? (
          <Button look="ghost" aria-expanded={isLogShown} onClick={() => setIsLogShown(!isLogShown)}>
            {isLogShown ? t("entry.hideLog") : t("entry.showLog")}
          </Button>
        ) : null}
      </div>
    </Gate>
  );
}
