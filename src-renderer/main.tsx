/** The entry of the window and of the served page: reads the surroundings, assembles the app, draws it. */
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { AppView } from "./app.tsx";
import { applyLook, createApp } from "./gateway/app-core.ts";
import { readBridge } from "./gateway/bridge.ts";
import { createConnection, takeCode } from "./gateway/connection.ts";
import { readPreferences } from "./gateway/storage.ts";
import { openVault } from "./gateway/vault.ts";
import { createWords, setLanguage } from "./i18n/i18n.ts";
import "./styles.css";

function start(root: HTMLElement): void {
  const bridge = readBridge();
  const code = takeCode(location, history);
  const preferences = readPreferences(localStorage, navigator.languages);
  const words = createWords();
  const pageUrl = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}`;
  const app = createApp({
    storage: localStorage,
    preferences,
    now: Date.now,
    createId: () => crypto.randomUUID(),
    isFocused: () => document.hasFocus(),
    connect: (hooks) =>
      createConnection({
        ...hooks,
        openVault,
        bridge,
        code,
        pageUrl,
        now: Date.now,
        openSocket: (url) => new WebSocket(url),
        client: {
          id: bridge ? "gatehouse-desktop" : "gatehouse-web",
          version: "0.1.0",
          platform: bridge?.platform ?? "web",
          displayName: bridge ? "Gatehouse window" : "Browser",
          locale: navigator.language,
        },
      }),
  });
  applyLook(app.store, ({ isDark, preferences: look }) => {
    document.documentElement.dataset["theme"] = isDark ? "dark" : "light";
    if (bridge) {
      void bridge.call("window.setTheme", look.theme);
      void bridge.call("window.setZoom", look.zoom);
    } else document.documentElement.style.fontSize = `${look.zoom * 100}%`;
    void setLanguage(words, look.language);
  });
  // The menu changed it already: kept with the settings, so that a new theme does not set the old zoom again.
  bridge?.on("window.zoom", (zoom) => app.setPreferences({ zoom }));
  createRoot(root).render(
    <StrictMode>
      <AppView app={app} words={words} bridge={bridge} />
    </StrictMode>,
  );
}

const root = document.getElementById("root");
if (root) start(root);
