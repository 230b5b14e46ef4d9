/** One conversation in the list: its name, whether it answers or has news, its menu, and its name being edited. */
import { Ellipsis, Pin, ShieldAlert } from "lucide-react";
import { memo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { SessionRow } from "#main/protocol/methods/sessions.ts";
import { toWaiting } from "../../gateway/approval-model.ts";
import { titleOf } from "../../gateway/session-actions.ts";
import { useApp, useAppState } from "../../gateway/use-app.ts";
import { cx } from "../../ui/class-names.ts";
import { Menu } from "../../ui/Menu.tsx";
import { Spinner } from "../../ui/Spinner.tsx";
import { TalkMark } from "../channels/talk/TakeOver.tsx";
import { TitleEditor } from "../chat/TitleEditor.tsx";
import { useSessionMenu } from "./use-session-menu.tsx";

export const SessionItem = memo(function SessionItem({ row }: { row: SessionRow }) {
  const { t } = useTranslation();
  const app = useApp();
  const isActive = useAppState((state) => state.view === "chat" && state.activeKey === row.key);
  const isRunning = useAppState((state) => state.running.has(row.key));
  const isAsked = useAppState((state) => toWaiting(state.questions, row.key).length > 0);
  const isUnread = useAppState((state) => state.unread.has(row.key));
  const [isEditing, setIsEditing] = useState(false);
  const actions = useSessionMenu(row, () => setIsEditing(true));
  const title = titleOf(row) ?? t("sessions.untitled");
  if (isEditing)
    return (
      <li>
        <TitleEditor
          className="w-full px-1.75 text-base touch:h-11"
          title={title}
          sessionKey={row.key}
          onDone={() => setIsEditing(false)}
        />
      </li>
    );
  return (
    <li className="group relative">
      <button
        type="button"
        aria-current={isActive ? "page" : undefined}
        onClick={() => app.openSession(row.key)}
        onDoubleClick={() => setIsEditing(true)}
        className={cx(
          "flex h-8 w-full items-center gap-2 rounded-md pr-2 pl-2 text-left text-base hover:bg-hover touch:h-11",
          "group-focus-within:pr-9 group-hover:pr-9 touch:pr-11",
          isActive ? "bg-press font-medium text-ink hover:bg-press" : "text-soft hover:text-ink",
          isUnread && "font-semibold text-ink",
        )}
      >
        {row.chat ? <TalkMark channel={row.chat.channel} size={13} /> : null}
        <span className="min-w-0 flex-1 truncate">
          <bdi>{title}</bdi>
        </span>
        {isAsked ? (
          <span role="img" aria-label={t("approvals.waitsInSession")} className="shrink-0 text-warn">
            <ShieldAlert size={14} aria-hidden />
          </span>
        ) : isRunning ? (
          <span className="text-accent" role="img" aria-label={t("sessions.running")}>
            <Spinner size={12} />
          </span>
        ) : isUnread ? (
          <span role="img" aria-label={t("sessions.unread")} className="size-2 shrink-0 rounded-full bg-accent" />
        ) : row.pinned ? (
          <Pin size={12} aria-hidden className="shrink-0 text-faint" />
        ) : null}
      </button>
      <Menu
        actions={actions}
        trigger={
          <button
            type="button"
            aria-label={t("sessions.actions", { title })}
            className="absolute top-1/2 right-1 inline-flex size-6 -translate-y-1/2 items-center justify-center rounded-sm text-faint opacity-0 group-focus-within:opacity-100 group-hover:opacity-100 hover:bg-press hover:text-ink data-popup-open:opacity-100 touch:size-11 touch:opacity-100"
          >
            <Ellipsis size={15} aria-hidden />
          </button>
        }
      />
    </li>
  );
});
