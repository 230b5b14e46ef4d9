/** Deny, allow once, allow always. "Deny" always works; the others only when the question could have been read. */
import { type KeyboardEvent, type MouseEvent, type ReactNode, type RefObject, useId } from "react";
import { useTranslation } from "react-i18next";
import type { ApprovalDecision } from "#main/protocol/methods/approvals.ts";
import type { Question } from "../../../gateway/approval-model.ts";
import { Button } from "../../../ui/Button.tsx";
import { mayAllow } from "../questions.ts";
import type { Arming } from "./use-arming.ts";

export interface AnswerButtonsProps {
  question: Question;
  arming: Arming;
  denyRef: RefObject<HTMLButtonElement | null>;
  isOnline: boolean;
  onAnswer(decision: ApprovalDecision): void;
  /** Opens the choice of what "always" means. */
  onAlways(): void;
}

/** A key that is held down must not press a button again and again. */
function stopRepeat(event: KeyboardEvent): void {
  if (event.repeat) event.preventDefault();
}

interface AllowProps {
  isArmed: boolean;
  isBusy: boolean;
  isOff: boolean;
  hintId: string;
  onPress(): void;
  children: ReactNode;
}

function Allow({ isArmed, isBusy, isOff, hintId, onPress, children }: AllowProps) {
  const press = (event: MouseEvent) => {
    // A double press counts its second half as one: only the first is meant.
    if (mayAllow({ isRepeat: event.detail > 1, isArmed })) onPress();
  };
  return (
    <Button
      aria-disabled={!isArmed}
      aria-describedby={hintId}
      isBusy={isBusy}
      disabled={isOff}
      onKeyDown={stopRepeat}
      onClick={press}
      className="aria-disabled:cursor-not-allowed! aria-disabled:opacity-45"
    >
      {children}
    </Button>
  );
}

export function AnswerButtons({ question, arming, denyRef, isOnline, onAnswer, onAlways }: AnswerButtonsProps) {
  const { t } = useTranslation();
  const hintId = useId();
  const { sending, approval } = question;
  const { allowedDecisions, proposals } = approval.request;
  const isOff = sending !== undefined || !isOnline;
  const hint = arming.isArmed ? "" : arming.isRead ? t("approvals.armSoon") : t("approvals.armRead");
  return (
    <div ref={arming.buttonsRef} className="flex flex-wrap items-center gap-2">
      <Button
        ref={denyRef}
        look="danger"
        isBusy={sending === "deny"}
        disabled={isOff}
        onKeyDown={stopRepeat}
        onClick={() => onAnswer("deny")}
      >
        {t("approvals.deny")}
      </Button>
      {allowedDecisions.includes("allow-once") ? (
        <Allow
          isArmed={arming.isArmed}
          isBusy={sending === "allow-once"}
          isOff={isOff}
          hintId={hintId}
          onPress={() => onAnswer("allow-once")}
        >
          {t("approvals.allowOnce")}
        </Allow>
      ) : null}
      {allowedDecisions.includes("allow-always") && proposals.length > 0 ? (
        <Allow
          isArmed={arming.isArmed}
          isBusy={sending === "allow-always"}
          isOff={isOff}
          hintId={hintId}
          onPress={onAlways}
        >
          {t("approvals.allowAlways")}
        </Allow>
      ) : null}
      <span id={hintId} className="text-small text-faint">
        {isOnline ? hint : t("approvals.offline")}
      </span>
    </div>
  );
}
