/** Deny, allow once, allow always. "Deny" always works; the others only when the question could have been read. */
import { type KeyboardEvent, type RefObject, useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { ApprovalDecision, GrantRule } from "#main/protocol/methods/approvals.ts";
import type { Question } from "../../../gateway/approval-model.ts";
import { useApp, useAppState } from "../../../gateway/use-app.ts";
import { Button } from "../../../ui/Button.tsx";
import { mayAllow, mayTakeFocus } from "../questions.ts";
import { AlwaysEditor } from "./AlwaysEditor.tsx";
import type { Arming } from "./use-arming.ts";

interface AnswersProps {
  question: Question;
  arming: Omit<Arming, "endRef">;
  isOwn: boolean;
  onAnswered: (() => void) | undefined;
}

export function Answers({ question, arming, isOwn, onAnswered }: AnswersProps) {
  const app = useApp();
  const { id, request } = question.approval;
  const [isChoosing, setIsChoosing] = useState(false);
  const denyRef = useRef<HTMLButtonElement>(null);
  useOwnFocus(denyRef, isOwn);
  const answer = (decision: ApprovalDecision, rule?: GrantRule) =>
    void app.approvals.answer(id, decision, rule).then(onAnswered);
  const cancel = () => {
    setIsChoosing(false);
    requestAnimationFrame(() => denyRef.current?.focus());
  };
  if (!isChoosing) {
    const always = () => setIsChoosing(true);
    return <Buttons question={question} arming={arming} denyRef={denyRef} onAnswer={answer} onAlways={always} />;
  }
  return (
    <AlwaysEditor
      request={request}
      isBusy={question.sending !== undefined}
      onSave={(rule) => answer("allow-always", rule)}
      onCancel={cancel}
    />
  );
}

interface ButtonsProps extends Pick<AnswersProps, "question" | "arming"> {
  denyRef: RefObject<HTMLButtonElement | null>;
  onAnswer(decision: ApprovalDecision): void;
  /** Opens the choice of what "always" means. */
  onAlways(): void;
}

/** A key that is held down must not press a button again and again. */
function stopRepeat(event: KeyboardEvent): void {
  if (event.repeat) event.preventDefault();
}

function Buttons({ question, arming, denyRef, onAnswer, onAlways }: ButtonsProps) {
  const { t } = useTranslation();
  const hintId = useId();
  const isOnline = useAppState((state) => state.link.phase === "online");
  const { sending, approval } = question;
  const { allowedDecisions, proposals } = approval.request;
  const { isArmed, isRead } = arming;
  const isOff = sending !== undefined || !isOnline;
  const hint = isArmed ? "" : isRead ? t("approvals.armSoon") : t("approvals.armRead");
  const yes = [
    { decision: "allow-once", words: t("approvals.allowOnce"), press: () => onAnswer("allow-once") },
    { decision: "allow-always", words: t("approvals.allowAlways"), press: onAlways },
  ] as const;
  const offered = yes.filter(
    ({ decision }) => allowedDecisions.includes(decision) && (decision === "allow-once" || proposals.length > 0),
  );
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
      {offered.map(({ decision, words, press }) => (
        <Button
          key={decision}
          aria-disabled={!isArmed}
          aria-describedby={hintId}
          isBusy={sending === decision}
          disabled={isOff}
          onKeyDown={stopRepeat}
          // A double press counts its second half as one: only the first is meant.
          onClick={({ detail }) => (mayAllow({ isRepeat: detail > 1, isArmed }) ? press() : undefined)}
          className="aria-disabled:cursor-not-allowed! aria-disabled:opacity-45"
        >
          {words}
        </Button>
      ))}
      <span id={hintId} className="text-small text-faint">
        {isOnline ? hint : t("approvals.offline")}
      </span>
    </div>
  );
}

/** How long to listen for keys before the focus moves, in milliseconds. */
const LISTEN_MS = 650;

/**
 * Brings the focus to the button when a question came of what the person just did here. Never away from someone who types.
 * @param isOwn the question came of a message that was sent in this window, and is in view
 */
function useOwnFocus(button: RefObject<HTMLButtonElement | null>, isOwn: boolean): void {
  useEffect(() => {
    if (!isOwn || !matchMedia("(pointer: fine)").matches) return undefined;
    let lastKeyAt: number | undefined;
    const onKey = (event: globalThis.KeyboardEvent) => {
      lastKeyAt = event.timeStamp;
    };
    document.addEventListener("keydown", onKey, true);
    const timer = setTimeout(() => {
      const active = document.activeElement;
      const isComposer = active instanceof HTMLTextAreaElement && active.id === "composer-field";
      const isFree = mayTakeFocus({
        isOwn,
        isWindowFocused: document.hasFocus(),
        focused: isComposer ? "composer" : active === null || active === document.body ? "nothing" : "elsewhere",
        draft: isComposer ? active.value : "",
        sinceKeyMs: lastKeyAt === undefined ? undefined : performance.now() - lastKeyAt,
      });
      if (isFree) button.current?.focus({ preventScroll: true });
    }, LISTEN_MS);
    return () => {
      clearTimeout(timer);
      document.removeEventListener("keydown", onKey, true);
    };
  }, [button, isOwn]);
}
