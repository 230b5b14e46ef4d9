/** The head of a conversation: its name, the model, how much was used, what can be done. */
import { Ellipsis, Menu as MenuIcon, Zap } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Chat } from "../../gateway/chat-model.ts";
import { titleOf } from "../../gateway/session-actions.ts";
import { useApp, useAppState } from "../../gateway/use-app.ts";
import { toCompact } from "../../i18n/format.ts";
import { IconButton } from "../../ui/IconButton.tsx";
import { Menu } from "../../ui/Menu.tsx";
import { ElevateDialog, useMayElevate } from "../approvals/Elevation.tsx";
import { Walls } from "../approvals/Walls.tsx";
import { TakeOverButton, TalkMark } from "../channels/talk/TakeOver.tsx";
import { useSessionMenu } from "../sessions/use-session-menu.tsx";
import { ModelPicker } from "./ModelPicker.tsx";
import { TitleEditor } from "./TitleEditor.tsx";

export function ChatHeader({ sessionKey, chat }: { sessionKey: string; chat: Chat }) {
  const { t } = useTranslation();
  const app = useApp();
  const row = useAppState((state) => state.sessions.find((other) => other.key === sessionKey));
  const [isEditing, setIsEditing] = useState(false);
  const [isElevating, setIsElevating] = useState(false);
  const mayElevate = useMayElevate();
  const isElevated = useAppState((state) => state.elevated.has(sessionKey));
  const common = useSessionMenu(row, () => setIsEditing(true));
  const elevate = {
    label: t("approvals.elevate"),
    icon: <Zap size={14} />,
    isApart: true,
    run: () => setIsElevating(true),
  };
  const actions = mayElevate && !isElevated ? [...common.slice(0, -1), elevate, ...common.slice(-1)] : common;
  const title = titleOf(row) ?? t("sessions.untitled");
  return (
    <header className="drag flex h-13 shrink-0 items-center gap-1 border-b border-line pr-2 pl-5 max-sm:pl-1.5">
      <IconButton
        className="sm:hidden"
        label={t("chat.menu")}
        icon={<MenuIcon size={18} aria-hidden />}
        onClick={() => app.store.setState({ isDrawerOpen: true })}
      />
      {row?.chat ? (
        <span className="mr-1.5 inline-flex">
          <TalkMark channel={row.chat.channel} size={16} />
        </span>
      ) : null}
      {isEditing && row ? (
        <TitleEditor
          className="no-drag mr-auto min-w-0 flex-1 px-2 text-[0.875rem] font-semibold"
          title={title}
          sessionKey={sessionKey}
          onDone={() => setIsEditing(false)}
        />
      ) : (
        <h1
          className="min-w-0 flex-1 truncate text-[0.875rem] font-semibold"
          onDoubleClick={() => setIsEditing(row !== undefined)}
        >
          <bdi>{title}</bdi>
        </h1>
      )}
      <TakeOverButton sessionKey={sessionKey} />
      <Walls />
      <Tokens chat={chat} total={row?.totalTokens ?? 0} />
      <ModelPicker sessionKey={sessionKey} />
      {row ? (
        <Menu
          actions={actions}
          trigger={<IconButton label={t("chat.actions")} icon={<Ellipsis size={16} aria-hidden />} />}
        />
      ) : null}
      <ElevateDialog sessionKey={sessionKey} isOpen={isElevating} onClose={() => setIsElevating(false)} />
    </header>
  );
}

function Tokens({ chat, total }: { chat: Chat; total: number }) {
  const { t, i18n } = useTranslation();
  const loaded = chat.messages.reduce((sum, { usage }) => sum + (usage ? usage.input + usage.output : 0), 0);
  const count = Math.max(total, loaded);
  if (count === 0) return null;
  return (
    <span className="mr-1 text-small whitespace-nowrap text-faint tabular-nums max-sm:hidden">
      {t("chat.tokens", { amount: toCompact(count, i18n.language) })}
    </span>
  );
}
