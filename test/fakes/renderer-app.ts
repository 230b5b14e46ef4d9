/** The renderer's inside without React, connected to a played gateway. */
import { type App, createApp } from "#renderer/gateway/app-core.ts";
import { createConnection } from "#renderer/gateway/connection.ts";
import { createRendererGateway, type RendererGateway } from "./renderer-gateway.ts";

export interface Scene {
  app: App;
  gateway: RendererGateway;
  storage: Map<string, string>;
  /** Resolves when `test` holds for the store. */
  until(test: () => boolean): Promise<void>;
  key(): string;
}

export async function startApp(
  prepare: (gateway: RendererGateway) => void = () => undefined,
  open?: string,
  kept: readonly (readonly [string, string])[] = [],
): Promise<Scene> {
  const gateway = createRendererGateway();
  prepare(gateway);
  const storage = new Map<string, string>(kept);
  if (open) storage.set("gatehouse.open", JSON.stringify({ key: open }));
  const values = new Map<string, unknown>();
  let ids = 0;
  const app = createApp({
    storage: {
      getItem: (name) => storage.get(name) ?? null,
      setItem: (name, value) => void storage.set(name, value),
      removeItem: (name) => void storage.delete(name),
    },
    preferences: { theme: "system", zoom: 1, language: "en" },
    now: () => 5000,
    createId: () => `id-${++ids}`,
    isFocused: () => true,
    connect: (hooks) =>
      createConnection({
        ...hooks,
        openVault: async () => ({
          get: async <T>(name: string) => values.get(name) as T | undefined,
          put: async (name, value) => void values.set(name, value),
          delete: async (name) => void values.delete(name),
        }),
        client: { id: "gatehouse-web", version: "1", platform: "web", displayName: "Browser", locale: "en" },
        bridge: undefined,
        pageUrl: "ws://gatehouse.test",
        code: "code",
        openSocket: (url) => gateway.open(url),
        now: () => 5000,
      }),
  });
  const until = (test: () => boolean) =>
    new Promise<void>((resolve) => {
      if (test()) return resolve();
      const stop = app.store.subscribe(() => {
        if (!test()) return;
        stop();
        resolve();
      });
      return undefined;
    });
  await until(() => app.store.getState().sessionsStatus === "ready");
  return { app, gateway, storage, until, key: () => app.store.getState().activeKey };
}
