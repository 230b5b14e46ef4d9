/** The window once it is connected: the list, the conversation or a page beside it, and what lies over both. */
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { Watcher } from "./features/approvals/Watcher.tsx";
import { ChannelWatcher } from "./features/channels/ChannelWatcher.tsx";
import { ChatView } from "./features/chat/ChatView.tsx";
import { OfflineBanner } from "./features/entry/OfflineBanner.tsx";
import { Overlays } from "./features/palette/Overlays.tsx";
import { ShortcutKeys } from "./features/palette/ShortcutKeys.tsx";
import { Sidebar } from "./features/sessions/Sidebar.tsx";
import { useAppState } from "./gateway/use-app.ts";

const ApprovalsPage = lazy(() =>
  import("./features/approvals/page/ApprovalsPage.tsx").then((m) => ({ default: m.ApprovalsPage })),
);
const ChannelsPage = lazy(() =>
  import("./features/channels/ChannelsPage.tsx").then((m) => ({ default: m.ChannelsPage })),
);

export function House() {
  const { t } = useTranslation();
  const view = useAppState((state) => state.view);
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
        <Suspense>
          {view === "approvals" ? <ApprovalsPage /> : view === "channels" ? <ChannelsPage /> : <ChatView />}
        </Suspense>
      </div>
      <ShortcutKeys />
      <Watcher />
      <ChannelWatcher />
      <Overlays />
    </div>
  );
}
