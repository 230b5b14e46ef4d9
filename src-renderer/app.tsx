/** Chooses what fills the window: a way in, or the house. */
import { Tooltip } from "@base-ui/react/tooltip";
import type { i18n } from "i18next";
import { I18nextProvider } from "react-i18next";
import type { DesktopBridge } from "#main/protocol/desktop.ts";
import { CloseDialog } from "./features/entry/CloseDialog.tsx";
import { EntryScreen } from "./features/entry/EntryScreen.tsx";
import { LiveRegions, Toasts } from "./features/entry/LiveRegions.tsx";
import { useDesktop } from "./features/entry/use-desktop.ts";
import type { App } from "./gateway/app-core.ts";
import { AppContext, useAppState } from "./gateway/use-app.ts";
import { House } from "./house.tsx";

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
