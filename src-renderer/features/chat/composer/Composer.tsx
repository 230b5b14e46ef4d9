/** Where a message is written. What is typed is kept per conversation and never lost by a failed send. */
import { ArrowUp, Paperclip, Square } from "lucide-react";
import { type Ref, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Chat } from "../../../gateway/chat-model.ts";
import { readDraft, writeDraft } from "../../../gateway/storage.ts";
import { may } from "../../../gateway/store.ts";
import { useApp, useAppState } from "../../../gateway/use-app.ts";
import { IconButton } from "../../../ui/IconButton.tsx";
import { AnswerChoice, type Talk, useAnswerChoice } from "../../channels/talk/AnswerChoice.tsx";
import { createImeGuard } from "./ime.ts";
import { EnclosureChips } from "./EnclosureChips.tsx";
import { Unsent } from "./Unsent.tsx";
import type { Enclosures } from "./use-enclosures.ts";

interface ComposerProps {
  sessionKey: string;
  chat: Chat;
  enclosures: Enclosures;
}

export function Composer({ sessionKey, chat, enclosures }: ComposerProps) {
  const { t } = useTranslation();
  const app = useApp();
  const [text, setText] = useState(() => readDraft(app.storage, sessionKey));
  const field = useRef<HTMLTextAreaElement>(null);
  const mayWrite = useAppState((state) => may(state, "operator.write") || state.scopes.size === 0);
  const isRunning = chat.run !== undefined && chat.run.phase !== "settling";
  const talk = useAnswerChoice(sessionKey);
  const isByHand = talk.to === "person";
  const isFileInWay = isByHand && enclosures.items.length > 0;
  const canSend = mayWrite && !isFileInWay && (text.trim() !== "" || enclosures.items.length > 0);
  const unsent = chat.outgoing.filter((item) => item.state === "failed");
  useFocusField(field, sessionKey);
  useGrow(field, text);

  const change = (value: string) => {
    setText(value);
    writeDraft(app.storage, sessionKey, value);
  };
  const send = () => {
    if (!canSend) return;
    const attachments = enclosures.items.map((item) => item.attachment);
    void (isByHand ? app.chat.say(sessionKey, text.trim()) : app.chat.send(sessionKey, text.trim(), attachments));
    change("");
    enclosures.clear();
  };
  return (
    <div className="shrink-0 px-4 pb-safe max-sm:px-2">
      <form
        className="mx-auto max-w-[46rem] overflow-hidden rounded-xl border border-edge bg-raised shadow-card transition-colors duration-100 focus-within:border-[color-mix(in_oklch,var(--color-accent)_55%,var(--color-line))]"
        onSubmit={(event) => {
          event.preventDefault();
          send();
        }}
      >
        <Unsent
          sessionKey={sessionKey}
          items={unsent}
          onEdit={(item) => {
            app.chat.discard(sessionKey, item.key);
            change(text ? `${item.text}\n${text}` : item.text);
            field.current?.focus();
          }}
        />
        <AnswerChoice talk={talk} />
        <EnclosureChips enclosures={enclosures} />
        {isFileInWay ? (
          <p role="alert" className="px-4 pt-2 text-small text-warn">
            {t("talk.noFiles")}
          </p>
        ) : null}
        <MessageField
          ref={field}
          text={text}
          placeholder={
            !mayWrite
              ? t("composer.readOnly")
              : (talk.placeholder ?? (isRunning ? t("composer.placeholderQueue") : t("composer.placeholder")))
          }
          mayWrite={mayWrite}
          enclosures={enclosures}
          onChange={change}
          onSend={send}
        />
        <Row
          isRunning={isRunning}
          canSend={canSend}
          mayWrite={mayWrite}
          enclosures={enclosures}
          talk={talk}
          onStop={() => void app.chat.stop(sessionKey).catch(() => undefined)}
        />
        <span id="composer-hint" className="sr-only">
          {t("composer.hint")}
        </span>
      </form>
    </div>
  );
}

interface FieldProps {
  ref: Ref<HTMLTextAreaElement>;
  text: string;
  placeholder: string;
  mayWrite: boolean;
  enclosures: Enclosures;
  onChange(text: string): void;
  onSend(): void;
}

function MessageField({ ref, text, placeholder, mayWrite, enclosures, onChange, onSend }: FieldProps) {
  const { t } = useTranslation();
  const guard = useMemo(createImeGuard, []);
  return (
    <textarea
      ref={ref}
      id="composer-field"
      rows={1}
      aria-label={t("composer.label")}
      aria-describedby="composer-hint"
      placeholder={placeholder}
      disabled={!mayWrite}
      value={text}
      onChange={(event) => onChange(event.currentTarget.value)}
      onCompositionEnd={(event) => guard.ended(event.timeStamp)}
      onKeyDown={(event) => {
        if (event.shiftKey || !guard.maySend(event.nativeEvent)) return;
        event.preventDefault();
        onSend();
      }}
      onPaste={(event) => {
        const files = [...event.clipboardData.files];
        if (files.length === 0) return;
        event.preventDefault();
        void enclosures.add(files);
      }}
      className="block max-h-[min(20rem,40dvh)] w-full resize-none bg-transparent px-4 pt-3 pb-1 text-body outline-none max-sm:text-[1rem]"
    />
  );
}

interface RowProps {
  isRunning: boolean;
  canSend: boolean;
  mayWrite: boolean;
  enclosures: Enclosures;
  talk: Talk;
  onStop(): void;
}

function Row({ isRunning, canSend, mayWrite, enclosures, talk, onStop }: RowProps) {
  const { t } = useTranslation();
  const picker = useRef<HTMLInputElement>(null);
  return (
    <div className="flex items-center gap-1.5 px-2 pb-2">
      {talk.to === "person" ? null : (
        <IconButton
          label={t("composer.attach")}
          icon={<Paperclip size={16} aria-hidden />}
          disabled={!mayWrite}
          onClick={() => picker.current?.click()}
        />
      )}
      <input
        ref={picker}
        type="file"
        multiple
        hidden
        tabIndex={-1}
        aria-label={t("composer.attach")}
        onChange={(event) => {
          void enclosures.add([...(event.currentTarget.files ?? [])]);
          event.currentTarget.value = "";
        }}
      />
      <span className="flex-1" />
      {isRunning ? (
        <IconButton
          label={t("composer.stop")}
          keys="esc"
          icon={<Square size={12} fill="currentColor" aria-hidden />}
          className="rounded-full! border border-edge text-ink!"
          onClick={onStop}
        />
      ) : null}
      {isRunning && !canSend ? null : (
        <IconButton
          type="submit"
          label={t("composer.send")}
          keys="enter"
          disabled={!canSend}
          icon={<ArrowUp size={17} strokeWidth={2.25} aria-hidden />}
          className="rounded-full! bg-accent text-on-accent! hover:bg-accent-hover! disabled:bg-press disabled:text-faint! disabled:opacity-100!"
        />
      )}
    </div>
  );
}

/** The field has the focus when a conversation is opened, but not on a phone: its keyboard would cover everything. */
function useFocusField(field: { current: HTMLTextAreaElement | null }, sessionKey: string): void {
  useEffect(() => {
    if (matchMedia("(pointer: fine)").matches) field.current?.focus({ preventScroll: true });
  }, [field, sessionKey]);
}

/** The field is as high as its text, up to the limit of its style. */
function useGrow(field: { current: HTMLTextAreaElement | null }, text: string): void {
  useEffect(() => {
    const element = field.current;
    if (!element) return;
    element.style.height = "auto";
    element.style.height = `${element.scrollHeight}px`;
  }, [field, text]);
}
