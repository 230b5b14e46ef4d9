/** The window's dealings with the app around it: menu and tray. Does nothing in a browser. */
import { useEffect } from "react";
import type { DesktopBridge } from "#main/protocol/desktop.ts";
import { useApp, useAppState } from "../../gateway/use-app.ts";

/** Menu commands come in from the app's menu and tray; the number of running answers goes out. */
export function useDesktop(bridge: DesktopBridge | undefined): void {
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
  useEffect(() => bridge?.on("approvals.review", () => app.openApprovals("pending")), [app, bridge]);
  useEffect(() => bridge?.on("window.askClose", () => app.store.setState({ dialog: "close" })), [app, bridge]);
}
