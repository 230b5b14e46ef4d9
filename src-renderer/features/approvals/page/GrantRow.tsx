/** One permission: what it says, how it was used, and taking it back, which is asked once more. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Grant } from "#main/protocol/methods/approvals.ts";
import { wordsOf } from "../../../gateway/chat-actions.ts";
import { useApp } from "../../../gateway/use-app.ts";
import { toWhen } from "../../../i18n/format.ts";
import { Badge } from "../../../ui/Badge.tsx";
import { Button } from "../../../ui/Button.tsx";
import { cx } from "../../../ui/class-names.ts";
import { showError, showToast } from "../../../ui/toast.tsx";
import { toVisible } from "../questions.ts";
import { useWho } from "../use-words.ts";

export function GrantRow({ grant, onChange }: { grant: Grant; onChange(): void }) {
  const { t, i18n } = useTranslation();
  const app = useApp();
  const who = useWho()(grant.createdBy);
  const [isAsked, setIsAsked] = useState(false);
  const when = (at: number) => toWhen(at, Date.now(), i18n.language);
  const isOver = grant.rule.expiresAtMs !== undefined && grant.rule.expiresAtMs < Date.now();
  const revoke = () =>
    app.approvals.revoke(grant.grantId).then(
      () => {
        showToast(t("approvals.revoked"));
        onChange();
      },
      (error: unknown) => showError(t("common.failed", { message: wordsOf(error) })),
    );
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 px-3.5 py-3">
      <div className="min-w-0 flex-1 basis-72">
        <p className={cx("[overflow-wrap:anywhere]", grant.revokedAtMs !== undefined && "text-soft line-through")}>
          {toVisible(grant.sentence)} {isOver ? <Badge tone="warn">{t("approvals.outcome_expired")}</Badge> : null}
        </p>
        <p className="mt-0.5 text-small text-faint">
          {[
            t("approvals.created", { when: when(grant.createdAtMs), who }),
            grant.uses > 0 ? t("approvals.uses", { count: grant.uses }) : t("approvals.neverUsed"),
            grant.lastUsedAtMs ? t("approvals.lastUse", { when: when(grant.lastUsedAtMs) }) : "",
            grant.revokedAtMs ? t("approvals.revokedAt", { when: when(grant.revokedAtMs) }) : "",
          ]
            .filter(Boolean)
            .join(" · ")}
        </p>
      </div>
      {grant.revokedAtMs !== undefined ? null : isAsked ? (
        <div className="flex items-center gap-2">
          <span className="text-small text-soft">{t("approvals.revokeSure")}</span>
          <Button size="small" autoFocus onClick={() => setIsAsked(false)}>
            {t("approvals.keep")}
          </Button>
          <Button size="small" look="danger" onClick={() => void revoke()}>
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
