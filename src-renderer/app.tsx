/** Chooses what fills the window: a way in, or the conversation with its list, and what lies over it. */
import { Tooltip } from "@base-ui/react/tooltip";
import type { i18n } from "i18next";
import { lazy, Suspense, useEffect } from "react";
import { I18nextProvider, useTranslation } from "react-i18next";
import type { DesktopBridge } from "#main/protocol/desktop.ts";
import { ChatView } from "./features/chat/ChatView.tsx";
import { CloseDialog } from "./features/entry/CloseDialog.tsx";
import { EntryScreen } from "./features/entry/EntryScreen.tsx";
import { OfflineBanner } from "./features/entry/OfflineBanner.tsx";
import { ShortcutKeys } from "./features/palette/ShortcutKeys.tsx";
import { Sidebar } from "./features/sessions/Sidebar.tsx";
import type { App } from "./gateway/app-core.ts";
import { AppContext, useApp, useAppState } from "./gateway/use-app.ts";
import { ToastArea } from "./ui/toast.tsx";

const SettingsDialog = lazy(() =>
  import("./features/settings/SettingsDialog.tsx").then((m) => ({ default: m.SettingsDialog })),
);
const Palette = lazy(() => import("./features/palette/Palette.tsx").then((m) => ({ default: m.Palette })));
const ShortcutSheet = lazy(() =>
  import("./features/palette/ShortcutSheet.tsx").then((m) => ({ default: m.ShortcutSheet })),
);

export interface AppViewProps {
  app: App;
  words: i18n;
  bridge: DesktopBridge | undefined;
}

export function AppView({ app, words, bridge }: AppViewProps) {
  return (
    <I18nextProvider i18n={words}>
      <AppContext value={app}>
        <Tooltip.Provider delay={500}>
          <Frame bridge={bridge} />
        </Tooltip.Provider>
      </AppContext>
    </I18nextProvider>
  );
}

function Frame({ bridge }: { bridge: DesktopBridge | undefined }) {
  const { t } = useTranslation();
  const link = useAppState((state) => state.link);
  const wasOnline = useAppState((state) => state.wasOnline);
  const isIn = link.phase === "online" || (wasOnline && (link.phase === "connecting" || link.phase === "offline"));
  useDesktop(bridge);
  return (
    <>
      {isIn ? <House /> : <EntryScreen link={link} bridge={bridge} />}
      <LiveRegions />
      <CloseDialog bridge={bridge} />
      <Toasts label={t("common.notifications")} />
    </>
  );
}

function House() {
  const { t } = useTranslation();
  const dialog = useAppState((state) => state.dialog);
  return (
    <div className="flex h-full">
      <a
        href="#conversation"
        className="sr-only z-50 rounded-md bg-accent px-3 py-2 text-on-accent focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
      >
        {t("entry.skip")}
      </a>
      <Sidebar />
      <div className="flex min-w-0 flex-1 flex-col">
        <OfflineBanner />
        <ChatView />
      </div>
      <ShortcutKeys />
      <Suspense>
        {dialog === "settings" ? <SettingsDialog /> : null}
        {dialog === "palette" ? <Palette /> : null}
        {dialog === "shortcuts" ? <ShortcutSheet /> : null}
      </Suspense>
    </div>
  );
}

function Toasts({ label }: { label: string }) {
  const theme = useAppState((state) => state.preferences.theme);
  const isDark = theme === "dark" || (theme === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
  return <ToastArea isDark={isDark} label={label} />;
}

/** Complete answers politely, errors at once. The counter makes the same text twice be read twice. */
function LiveRegions() {
  const { t } = useTranslation();
  const { text, isUrgent, count } = useAppState((state) => state.announcement);
  return (
    <>
      <div role="status" aria-live="polite" className="sr-only">
        {isUrgent || count === 0 ? null : <span key={count}>{t("chat.announced", { text })}</span>}
      </div>
      <div role="alert" aria-live="assertive" className="sr-only">
        {isUrgent ? <span key={count}>{t("chat.failedAnnounce", { text })}</span> : null}
      </div>
    </>
  );
}

/** Menu commands come in from the app's menu and tray; the number of running answers goes out. */
function useDesktop(bridge: DesktopBridge | undefined): void {
  const app = useApp();
  const running = useAppState((state) => state.running.size);
  useEffect(() => {
    void bridge?.call("tray.setState", { running });
  }, [bridge, running]);
  useEffect(() => {
    return bridge?.on("menu.command", (command) => {
      if (command === "new-chat") app.newChat();
      else if (command === "search") app.store.setState({ isSearching: true, isDrawerOpen: true });
      else app.store.setState({ dialog: command });
    });
  }, [app, bridge]);
  useEffect(() => bridge?.on("window.askClose", () => app.store.setState({ dialog: "close" })), [app, bridge]);
}
