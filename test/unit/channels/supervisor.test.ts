import Type from "typebox";
import { describe, expect, it, onTestFinished } from "vitest";
import { createHttpClient } from "#main/base/http/client.ts";
import { silentLogger } from "#main/base/logger.ts";
import { ChannelError, defineChannel, type AnyChannel, type ChannelContext } from "#main/channels/contract.ts";
import { ChannelSupervisor } from "#main/channels/supervisor.ts";
import type { ConfigChange, ConfigService } from "#main/config/contract.ts";
import { Emitter } from "#main/base/emitter.ts";
import { ACCOUNTS } from "#main/secrets/contract.ts";
import { until } from "#test/fakes/channel-context.ts";
import { createManualClock } from "#test/fakes/manual-clock.ts";
import { createMemorySecrets } from "#test/fakes/memory-secrets.ts";
import { tempState } from "#test/fakes/temp-state.ts";
import { openStore } from "../store/open-store.ts";

interface Started {
  context: ChannelContext<{ token: string; speed: number }>;
  isStopped: boolean;
}

function createPlug(id: string, start?: () => Promise<never>): { plug: AnyChannel; started: Started[] } {
  const started: Started[] = [];
  const plug = defineChannel({
    ...{ id, label: id, summary: "", setup: [] },
    settings: Type.Object({
      token: Type.String({ default: "", "x-secret": true }),
      speed: Type.Integer({ default: 3 }),
    }),
    capabilities: {
      ...{ maxText: 10, maxMediaBytes: 0, buttons: false, edits: false, typing: false, reactions: false },
      ...{ groups: false, threads: false, idempotentSend: false, login: "credentials" },
    },
    check: ({ token }) => (token === "" ? `channels.${id}.token is missing` : undefined),
    split: (text) => [text],
    async start(context) {
      if (start) return start();
      const one: Started = { context, isStopped: false };
      started.push(one);
      const dispose = () => {
        one.isStopped = true;
      };
      return { send: async () => ({ platformIds: [] }), dispose };
    },
  });
  return { plug, started };
}

async function startWith(channels: readonly AnyChannel[], sections: Record<string, unknown>) {
  const { db } = await openStore();
  const changes = new Emitter<ConfigChange>();
  const config = { current: { channels: { pairingCodeSeconds: 3600, ...sections } } };
  const secrets = createMemorySecrets();
  const supervisor = new ChannelSupervisor({
    ...{
      channels,
      db,
      secrets,
      clock: createManualClock(),
      log: silentLogger,
      random: () => 0,
      fetch: globalThis.fetch,
      call: createHttpClient().call,
    },
    config: { ...config, onChange: changes.on.bind(changes) } as unknown as ConfigService,
    flush: async () => {},
    commands: { run: () => Promise.reject(new Error("none")), start: () => Promise.reject(new Error("none")) },
    platform: "linux",
    dataDir: tempState(),
    receive: async () => {},
    press: async () => ({}),
  });
  onTestFinished(() => supervisor.dispose());
  supervisor.start();
  const stateOf = (channel: string, account = "default") => supervisor.find({ channel, account })?.standing;
  const change = (next: Record<string, unknown>) => {
    config.current.channels = { pairingCodeSeconds: 3600, ...next };
    changes.emit({ changedPaths: ["channels.a.speed"] } as unknown as ConfigChange);
  };
  return { supervisor, secrets, stateOf, change };
}

describe("the accounts of channels", () => {
  it("[G17] are never called connected before the platform said so", async () => {
    const { plug, started } = createPlug("a");
    const { stateOf } = await startWith([plug], { a: { token: "t" } });
    await until("it was started", () => started.length === 1);
    expect(stateOf("a")?.state).toBe("connecting");
    started[0]?.context.setStatus({ state: "connected", identity: "@bot" });
    expect(stateOf("a")).toMatchObject({ state: "connected", identity: "@bot" });
  });

  it("[CH-36] fail one by one: what one throws reaches no other", async () => {
    const good = createPlug("a");
    const bad = createPlug("b", () => Promise.reject(new ChannelError("auth", "the token was revoked")));
    const { stateOf } = await startWith([bad.plug, good.plug], { b: { token: "t" }, a: { token: "t" }, unknown: {} });
    await until("both were started", () => good.started.length === 1 && stateOf("b")?.state === "error");
    expect(stateOf("b")).toMatchObject({ state: "error", reason: "the token was revoked" });
  });

  it("[G18] say what is missing, and start once it is there, kept with the secrets", async () => {
    const { plug, started } = createPlug("a");
    const { supervisor, secrets, stateOf } = await startWith([plug], { a: {} });
    await until("an error", () => stateOf("a")?.state === "error");
    expect(stateOf("a")?.reason).toBe("channels.a.token is missing");
    await secrets.set(ACCOUNTS.channelSecret("a", "default", "token"), "kept");
    supervisor.refresh();
    await until("it was started", () => started.length === 1);
    expect(started[0]?.context.settings).toEqual({ token: "kept", speed: 3 });
  });

  it("start anew when their settings change, and only then; an earlier one is not listened to", async () => {
    const { plug, started } = createPlug("a");
    const { stateOf, change } = await startWith([plug], { a: { token: "t" } });
    await until("it was started", () => started.length === 1);
    change({ a: { token: "t", dmPolicy: "open" } });
    change({ a: { token: "t", speed: 9 } });
    await until("it was started anew", () => started.length === 2);
    expect(started[0]?.isStopped).toBe(true);
    started[0]?.context.setStatus({ state: "error", reason: "late" });
    expect(stateOf("a")?.state).toBe("connecting");
    change({});
    await until("it was stopped", () => started[1]?.isStopped === true);
    expect(stateOf("a")).toBeUndefined();
  });

  it("are several where the configuration names them, each with what differs", async () => {
    const { plug, started } = createPlug("a");
    const accounts = { one: { token: "1" }, two: { token: "2", enabled: false } };
    const { stateOf } = await startWith([plug], { a: { speed: 5, accounts } });
    await until("one was started", () => started.length === 1 && stateOf("a", "two") !== undefined);
    expect(started[0]?.context.settings).toEqual({ token: "1", speed: 5 });
    expect(stateOf("a", "two")?.state).toBe("disabled");
  });

  it("[CH-09] are refused when two would take the same messages, and the first goes on", async () => {
    const { plug, started } = createPlug("a");
    const accounts = { one: { token: "same" }, two: { token: "same" } };
    const { stateOf } = await startWith([plug], { a: { accounts } });
    await until("the second is refused", () => stateOf("a", "two")?.state === "error" && started.length === 1);
    expect(stateOf("a", "two")?.reason).toContain('the same credentials as the account "one"');
  });

  it("do not start with a value of the wrong kind, and take a number for a text", async () => {
    const { plug, started } = createPlug("a");
    const { stateOf } = await startWith([plug], { a: { token: 12345, speed: "fast" } });
    await until("an error", () => stateOf("a")?.state === "error");
    expect(stateOf("a")?.reason).toBe("channels.a.speed must be a number, not a string");
    expect(started).toEqual([]);
  });
});
