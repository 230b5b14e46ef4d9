/** The way in: which credential is tried, what is kept, and what a person sees when it fails. */
import { describe, expect, it } from "vitest";
import type { DesktopBridge } from "#main/protocol/desktop.ts";
import type { Connection } from "#renderer/gateway/connection.ts";
import { createConnection, takeCode } from "#renderer/gateway/connection.ts";
import type { Link } from "#renderer/gateway/link.ts";
import type { Vault } from "#renderer/gateway/vault.ts";
import { createRendererGateway, type RendererGateway } from "#test/fakes/renderer-gateway.ts";

interface Scene {
  gateway: RendererGateway;
  connection: Connection;
  links: Link[];
  values: Map<string, unknown>;
  /** Resolves with the first link of that phase that has not been waited for. */
  until(phase: Link["phase"]): Promise<Link>;
}

function start(options: {
  code?: string;
  token?: string;
  bridge?: DesktopBridge;
  prepare?(gateway: RendererGateway): void;
}): Scene {
  const gateway = createRendererGateway();
  options.prepare?.(gateway);
  const values = new Map<string, unknown>();
  if (options.token) values.set("token", { token: options.token, scopes: ["operator.read"] });
  const vault: Vault = {
    get: async <T>(name: string) => values.get(name) as T | undefined,
    put: async (name, value) => void values.set(name, value),
    delete: async (name) => void values.delete(name),
  };
  const links: Link[] = [];
  const waiting: { phase: string; resolve(link: Link): void }[] = [];
  let seen = 0;
  const check = () => {
    for (const wait of [...waiting]) {
      const at = links.findIndex((link, index) => index >= seen && link.phase === wait.phase);
      const link = links[at];
      if (!link) continue;
      seen = at + 1;
      waiting.splice(waiting.indexOf(wait), 1);
      wait.resolve(link);
    }
  };
  const connection = createConnection({
    openVault: async () => vault,
    client: { id: "gatehouse-web", version: "1", platform: "web", displayName: "Browser", locale: "en" },
    bridge: options.bridge,
    pageUrl: "ws://gatehouse.test",
    code: options.code,
    openSocket: (url) => gateway.open(url),
    now: () => 5000,
    onEvent: () => undefined,
    onGap: () => undefined,
    onLink(link) {
      links.push(link);
      check();
    },
  });
  const until = (phase: Link["phase"]) =>
    new Promise<Link>((resolve) => {
      waiting.push({ phase, resolve });
      check();
    });
  return { gateway, connection, links, values, until };
}

const refuse =
  (code: string, closeCode = 1008, details: object = {}) =>
  (gateway: RendererGateway) => {
    gateway.refusal = {
      error: { code: "INVALID_REQUEST", message: "unauthorized: no", details: { code, ...details } },
      closeCode,
    };
  };

describe("the way in", () => {
  it("asks for the token when it has nothing to show, without opening a socket", async () => {
    const { until, gateway, connection } = start({});
    expect(await until("login")).toMatchObject({ reason: "first-visit" });
    expect(gateway.connects).toHaveLength(0);
    connection.close();
  });

  it("trades a code for a device token, keeps the token and uses it the next time", async () => {
    const first = start({ code: "one-time" });
    await first.until("online");
    expect(first.gateway.connects[0]?.auth).toEqual({ bootstrapToken: "one-time" });
    await Promise.resolve();
    expect(first.values.get("token")).toMatchObject({ token: "device-token" });
    first.gateway.drop();
    expect(await first.until("offline")).toMatchObject({ phase: "offline" });
    first.connection.retryNow();
    await first.until("online");
    expect(first.gateway.connects[1]?.auth).toEqual({ deviceToken: "device-token" });
    first.connection.close();
  });

  it("keeps the shared token that was typed nowhere", async () => {
    const { until, connection, values, gateway } = start({});
    await until("login");
    gateway.deviceToken = "";
    connection.login("shared-secret");
    await until("online");
    expect(gateway.connects[0]?.auth).toEqual({ token: "shared-secret" });
    expect(JSON.stringify([...values])).not.toContain("shared-secret");
    connection.close();
  });

  it("forgets a token that was revoked, and says so", async () => {
    const { until, connection, gateway, values } = start({ token: "old" });
    await until("online");
    gateway.drop(4001, "revoked");
    expect(await until("login")).toMatchObject({ reason: "revoked" });
    expect(values.get("token")).toBeUndefined();
    connection.close();
  });

  it("tells a wrong token from a code that was used", async () => {
    const code = start({ code: "used", prepare: refuse("AUTH_BOOTSTRAP_INVALID") });
    expect(await code.until("login")).toMatchObject({ reason: "code-used" });
    code.connection.login("wrong");
    expect(await code.until("login")).toMatchObject({ reason: "wrong-token" });
    code.connection.close();
  });

  it("waits for approval with the number of the request", async () => {
    const prepare = refuse("PAIRING_REQUIRED", 1008, { reason: "not-paired", requestId: "req-7" });
    const { until, connection } = start({ code: "c", prepare });
    expect(await until("pairing")).toEqual({ phase: "pairing", requestId: "req-7" });
    connection.close();
  });

  it("asks the app for a code only when it has no token", async () => {
    const asked: unknown[] = [];
    const bridge = {
      platform: "linux",
      call: async (_name: string, options: { needsCode: boolean }) => {
        asked.push(options);
        return { url: "ws://127.0.0.1:1", ...(options.needsCode ? { bootstrapCode: "from-app" } : {}) };
      },
      on: () => () => undefined,
    } as unknown as DesktopBridge;
    const fresh = start({ bridge });
    await fresh.until("online");
    expect(fresh.gateway.connects[0]?.auth).toEqual({ bootstrapToken: "from-app" });
    fresh.connection.close();
    const known = start({ bridge, token: "kept" });
    await known.until("online");
    expect(asked).toEqual([{ needsCode: true }, { needsCode: false }]);
    known.connection.close();
  });
});

describe("a code in the address", () => {
  it("is read once and taken out of the address", () => {
    const written: string[] = [];
    const location = { hash: "#code=abc", pathname: "/", search: "?x=1" } as Location;
    const history = { replaceState: (_a: unknown, _b: string, url: string) => written.push(url) } as unknown as History;
    expect(takeCode(location, history)).toBe("abc");
    expect(written).toEqual(["/?x=1"]);
  });
});
