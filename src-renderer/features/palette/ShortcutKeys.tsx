/** Listens for the shortcuts while the app is in. Draws nothing. */
import { useEffect } from "react";
import { useApp } from "../../gateway/use-app.ts";
import { isMac } from "../../ui/Keys.tsx";
import { toGroups } from "../sessions/SessionList.tsx";
import { type ShortcutName, toNeighbour, toShortcut } from "./commands.ts";
import type { App } from "../../gateway/app-core.ts";

function run(app: App, name: ShortcutName): void {
  const { store } = app;
  const step = (by: 1 | -1) => {
    const { sessions, activeKey } = store.getState();
    const keys = toGroups(sessions, Date.now()).flatMap((group) => group.rows.map((row) => row.key));
    const key = toNeighbour(keys, activeKey, by);
    if (key) app.openSession(key);
  };
  const toggle = (dialog: "palette" | "shortcuts" | "settings") =>
    store.setState((state) => ({ dialog: state.dialog === dialog ? "none" : dialog }));
  const actions: Record<ShortcutName, () => void> = {
    newChat: () => app.newChat(),
    search: () => store.setState({ isSearching: true, isDrawerOpen: true, dialog: "none" }),
    palette: () => toggle("palette"),
    settings: () => toggle("settings"),
    approvals: () => app.openApprovals(),
    channels: () => app.openChannels(),
    list: () => toggle("shortcuts"),
    previous: () => step(-1),
    next: () => step(1),
  };
  actions[name]();
}

export function ShortcutKeys() {
  const app = useApp();
  useEffect(() => {
    const mac = isMac();
    const onKey = (event: KeyboardEvent) => {
      if (event.isComposing) return;
      const name = toShortcut(event, mac);
      if (!name) return;
      event.preventDefault();
      run(app, name);
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [app]);
  return null;
}
