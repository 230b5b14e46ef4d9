/** Everything by name: conversations, actions, settings pages, models. Opens with Ctrl/Cmd+K. */
import { Autocomplete } from "@base-ui/react/autocomplete";
import {
  Cpu,
  Keyboard,
  MessageSquare,
  MessagesSquare,
  Search,
  Settings,
  ShieldCheck,
  SquarePen,
  SunMoon,
} from "lucide-react";
import type { TFunction } from "i18next";
import { type ReactNode, useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { App } from "../../gateway/app-core.ts";
import { titleOf } from "../../gateway/session-actions.ts";
import type { SettingsPage } from "../../gateway/store.ts";
import { useApp, useAppState } from "../../gateway/use-app.ts";
import { Dialog } from "../../ui/Dialog.tsx";
import { Keys } from "../../ui/Keys.tsx";
import { useWork } from "../settings/use-work.ts";

interface Command {
  value: string;
  label: string;
  icon: ReactNode;
  keys?: string;
  detail?: string;
  run(): void;
}

interface CommandGroup {
  value: string;
  items: Command[];
}

const PAGES: readonly SettingsPage[] = ["models", "appearance", "devices", "usage", "audit", "logs", "about"];

const ICON = { size: 15, "aria-hidden": true } as const;

/** The pages beside the conversation: approvals with each of its parts, channels. */
function toPageCommands(app: App, t: TFunction): Command[] {
  const icon = <ShieldCheck {...ICON} />;
  return [
    { value: "approvals", label: t("approvals.title"), icon, keys: "mod+J", run: () => app.openApprovals() },
    ...(["history", "grants", "rules"] as const).map((tab) => ({
      value: `approvals-${tab}`,
      label: t("approvals.paletteTab", { tab: t(`approvals.tab_${tab}`) }),
      icon,
      run: () => app.openApprovals(tab),
    })),
    {
      value: "channels",
      label: t("channels.title"),
      icon: <MessagesSquare {...ICON} />,
      keys: "mod+I",
      run: () => app.openChannels(),
    },
  ];
}

function useCommands(): CommandGroup[] {
  const { t } = useTranslation();
  const app = useApp();
  const { run } = useWork();
  const sessions = useAppState((state) => state.sessions);
  const models = useAppState((state) => state.models);
  const active = useAppState((state) => state.activeKey);
  return useMemo(() => {
    const { store } = app;
    const actions: Command[] = [
      {
        value: "new",
        label: t("sessions.newChat"),
        icon: <SquarePen {...ICON} />,
        keys: "mod+N",
        run: () => app.newChat(),
      },
      {
        value: "search",
        label: t("palette.searchAll"),
        icon: <Search {...ICON} />,
        keys: "mod+F",
        run: () => store.setState({ isSearching: true, isDrawerOpen: true }),
      },
      ...toPageCommands(app, t),
      {
        value: "theme",
        label: t("palette.toggleTheme"),
        icon: <SunMoon {...ICON} />,
        run: () =>
          app.setPreferences({ theme: document.documentElement.dataset["theme"] === "dark" ? "light" : "dark" }),
      },
      {
        value: "shortcuts",
        label: t("shortcuts.title"),
        icon: <Keyboard {...ICON} />,
        keys: "mod+/",
        run: () => store.setState({ dialog: "shortcuts" }),
      },
    ];
    const pages = PAGES.map((page) => ({
      value: `page-${page}`,
      label: t(`settings.${page}`),
      icon: <Settings {...ICON} />,
      run: () => store.setState({ dialog: "settings" as const, settingsPage: page }),
    }));
    const chats = sessions.slice(0, 200).map((row) => ({
      value: row.key,
      label: titleOf(row) ?? t("sessions.untitled"),
      icon: <MessageSquare {...ICON} />,
      run: () => app.openSession(row.key),
    }));
    const choices = models
      .filter((model) => model.available)
      .map((model) => ({
        value: `model-${model.ref}`,
        label: model.name,
        detail: model.provider,
        icon: <Cpu {...ICON} />,
        run: () => run(app.sessions.patch(active, { model: model.ref })),
      }));
    return [
      { value: t("palette.actions"), items: actions },
      { value: t("palette.sessions"), items: chats },
      { value: t("palette.settings"), items: pages },
      { value: t("palette.models"), items: choices },
    ].filter((group) => group.items.length > 0);
  }, [active, app, models, run, sessions, t]);
}

export function Palette() {
  const { t } = useTranslation();
  const app = useApp();
  const groups = useCommands();
  const input = useRef<HTMLInputElement>(null);
  const close = () => app.store.setState({ dialog: "none" });
  return (
    <Dialog
      isOpen
      isHigh
      isTitleHidden
      onClose={close}
      title={t("palette.title")}
      closeLabel={t("common.close")}
      initialFocus={input}
      className="max-w-[36rem]"
    >
      <Autocomplete.Root
        open
        inline
        items={groups}
        autoHighlight="always"
        keepHighlight
        itemToStringValue={(item: Command) => item.label}
      >
        <div className="flex items-center gap-2.5 border-b border-line px-4">
          <Search size={16} aria-hidden className="shrink-0 text-faint" />
          <Autocomplete.Input
            ref={input}
            aria-label={t("palette.placeholder")}
            placeholder={t("palette.placeholder")}
            className="h-12 min-w-0 flex-1 bg-transparent text-body outline-none max-sm:text-[1rem]"
          />
        </div>
        <Autocomplete.Empty>
          <p className="px-4 py-8 text-center text-base text-soft">{t("palette.empty")}</p>
        </Autocomplete.Empty>
        <Commands onRun={close} />
      </Autocomplete.Root>
      <div
        className="flex items-center gap-4 border-t border-line px-4 py-2 text-small text-faint max-sm:hidden"
        aria-hidden
      >
        <span className="flex items-center gap-1.5">
          <Keys keys="up+down" />
          {t("palette.move")}
        </span>
        <span className="flex items-center gap-1.5">
          <Keys keys="enter" />
          {t("palette.hint")}
        </span>
      </div>
    </Dialog>
  );
}

function Commands({ onRun }: { onRun(): void }) {
  return (
    <Autocomplete.List className="max-h-[min(24rem,55dvh)] scroll-py-2 overflow-y-auto overscroll-contain p-1.5 outline-none empty:hidden">
      {(group: CommandGroup) => (
        <Autocomplete.Group key={group.value} items={group.items} className="not-last:mb-1.5">
          <Autocomplete.GroupLabel className="px-2.5 pt-1.5 pb-1 text-micro font-medium text-faint select-none">
            {group.value}
          </Autocomplete.GroupLabel>
          <Autocomplete.Collection>
            {(item: Command) => (
              <Autocomplete.Item
                key={item.value}
                value={item}
                onClick={() => {
                  onRun();
                  item.run();
                }}
                className="flex h-9 cursor-default items-center gap-2.5 rounded-md px-2.5 outline-none select-none data-highlighted:bg-press touch:h-11"
              >
                <span className="text-faint">{item.icon}</span>
                <span className="min-w-0 flex-1 truncate">{item.label}</span>
                {item.detail ? <span className="text-small text-faint">{item.detail}</span> : null}
                {item.keys ? <Keys keys={item.keys} /> : null}
              </Autocomplete.Item>
            )}
          </Autocomplete.Collection>
        </Autocomplete.Group>
      )}
    </Autocomplete.List>
  );
}
