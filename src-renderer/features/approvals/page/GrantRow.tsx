/** One permission: what it says, how it was used, and taking it back, which is asked once more. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Grant } from "#main/protocol/methods/approvals.ts";
import { useApp } from "../../../gateway/use-app.ts";
import { toWhen } from "../../../i18n/format.ts";
import { Badge } from "../../../ui/Badge.tsx";
import { Button } from "../../../ui/Button.tsx";
import { showToast } from "../../../ui/toast.tsx";
import { toLine } from "../../settings/parts.tsx";
import { useWork } from "../../settings/use-work.ts";
import { toVisible } from "../questions.ts";
import { useWho } from "../use-words.ts";

export function GrantRow({ grant, onChange }: { grant: Grant; onChange(): void }) {
  const { t, i18n } = useTranslation();
  const app = useApp();
  const who = useWho()(grant.createdBy);
  const { run } = useWork();
  const [isAsked, setIsAsked] = useState(false);
  const when = (at: number) => toWhen(at, Date.now(), i18n.language);
  const { createdAtMs, lastUsedAtMs, revokedAtMs, uses, rule } = grant;
  const isOver = rule.expiresAtMs !== undefined && rule.expiresAtMs < Date.now();
  const facts = toLine(
    t("approvals.created", { when: when(createdAtMs), who }),
    uses > 0 ? t("approvals.uses", { count: uses }) : t("approvals.neverUsed"),
    lastUsedAtMs && t("approvals.lastUse", { when: when(lastUsedAtMs) }),
    revokedAtMs && t("approvals.revokedAt", { when: when(revokedAtMs) }),
  );
  const revoked = () => {
    showToast(t("approvals.revoked"));
    onChange();
  };
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 px-3.5 py-3">
      <div className="min-w-0 flex-1 basis-72">
        <p className={`[overflow-wrap:anywhere] ${revokedAtMs === undefined ? "" : "text-soft line-through"}`}>
          {toVisible(grant.sentence)} {isOver ? <Badge tone="warn">{t("approvals.outcome_expired")}</Badge> : null}
        </p>
        <p className="mt-0.5 text-small text-faint">{facts}</p>
      </div>
      {revokedAtMs !== undefined ? null : isAsked ? (
        <div className="flex items-center gap-2">
          <span className="text-small text-soft">{t("approvals.revokeSure")}</span>
          <Button size="small" autoFocus onClick={() => setIsAsked(false)}>
            {t("approvals.keep")}
          </Button>
          <Button size="small" look="danger" onClick={() => run(app.approvals.revoke(grant.grantId), revoked)}>
            {t("approvals.revoke")}
          </Button>
        </div>
      ) : (
        <Button size="small" look="danger" onClick={() => setIsAsked(true)}>
          {t("approvals.revoke")}
        </Button>
      )}
    </li>
  );
}
