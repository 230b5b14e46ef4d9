/** Chooses what fills the window: a way in, or the conversation with its list, and what lies over it. */
import { Tooltip } from "@base-ui/react/tooltip";
import type { i18n } from "i18next";
import { I18nextProvider, useTranslation } from "react-i18next";
import type { DesktopBridge } from "#main/protocol/desktop.ts";
import { ChatView } from "./features/chat/ChatView.tsx";
import { CloseDialog } from "./features/entry/CloseDialog.tsx";
import { EntryScreen } from "./features/entry/EntryScreen.tsx";
import { OfflineBanner } from "./features/entry/OfflineBanner.tsx";
import { LiveRegions, Toasts } from "./features/entry/LiveRegions.tsx";
import { useDesktop } from "./features/entry/use-desktop.ts";
import { Overlays } from "./features/palette/Overlays.tsx";
import { ShortcutKeys } from "./features/palette/ShortcutKeys.tsx";
import { Sidebar } from "./features/sessions/Sidebar.tsx";
import type { App } from "./gateway/app-core.ts";
import { AppContext, useAppState } from "./gateway/use-app.ts";

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
  const link = useAppState((state) => state.link);
  const wasOnline = useAppState((state) => state.wasOnline);
  const isIn = link.phase === "online" || (wasOnline && (link.phase === "connecting" || link.phase === "offline"));
  useDesktop(bridge);
  return (
    <>
      {isIn ? <House /> : <EntryScreen link={link} bridge={bridge} />}
      <LiveRegions />
      <CloseDialog bridge={bridge} />
      <Toasts />
    </>
  );
}

function House() {
  const { t } = useTranslation();
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
      <Overlays />
    </div>
  );
}
