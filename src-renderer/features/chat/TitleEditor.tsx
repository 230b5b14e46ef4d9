/** The name of a conversation, edited where it stands. */
import { useTranslation } from "react-i18next";
import { useApp } from "../../gateway/use-app.ts";
import { useWork } from "../settings/use-work.ts";

export function TitleEditor(props: { title: string; sessionKey: string; className: string; onDone(): void }) {
  const { title, sessionKey, className, onDone } = props;
  const { t } = useTranslation();
  const app = useApp();
  const { run } = useWork();
  const save = (value: string) => {
    onDone();
    const label = value.trim();
    if (label && label !== title) run(app.sessions.patch(sessionKey, { label }));
  };
  return (
    <input
      autoFocus
      aria-label={t("sessions.renameLabel")}
      defaultValue={title}
      maxLength={200}
      onFocus={(event) => event.currentTarget.select()}
      onBlur={(event) => save(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.nativeEvent.isComposing) return;
        if (event.key === "Enter") save(event.currentTarget.value);
        if (event.key === "Escape") {
          event.stopPropagation();
          onDone();
        }
      }}
      className={`h-8 rounded-md border border-accent bg-raised outline-none ${className}`}
    />
  );
}
