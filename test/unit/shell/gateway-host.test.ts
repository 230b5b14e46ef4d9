/** Starting, attaching, falling, stopping: the gateway as the app sees it. */
import { describe, expect, it } from "vitest";
import { Emitter } from "#main/base/emitter.ts";
import { Refused } from "#main/base/errors.ts";
import { silentLogger } from "#main/base/logger.ts";
import type { GatewayState } from "#main/protocol/desktop.ts";
import { GatewayHost, type GatewayHostOptions, type RunningGateway } from "#main/shell/gateway-host.ts";
import { createManualClock } from "#test/fakes/manual-clock.ts";

/** A gateway without a network: counts its stops, closes when told to. */
function createGateway(port: number, options: { hangs?: boolean } = {}) {
  const activity = new Emitter<void>();
  const stops: string[] = [];
  let closeNow = () => {};
  const closing = new Promise<void>((resolve) => (closeNow = resolve));
  const running = { running: 0, connected: 0 };
  const gateway: RunningGateway = {
    url: `http://127.0.0.1:${port}`,
    log: silentLogger,
    createBootstrapCode: () => ({ code: `code-${port}`, expiresAtMs: 0 }),
    activity: running,
    onActivity: (listener) => activity.on(listener),
    closing,
    stop(reason) {
      stops.push(reason);
      closeNow();
      return options.hangs ? new Promise(() => {}) : Promise.resolve();
    },
  };
  return { gateway, stops, activity, running, fall: () => closeNow() };
}

function setUp(over: Partial<GatewayHostOptions> = {}) {
  const clock = createManualClock();
  const states: GatewayState[] = [];
  const host = new GatewayHost({
    start: () => Promise.resolve(createGateway(1).gateway),
    requestBootstrapCode: (url) => Promise.resolve(`asked ${url}`),
    isAnswering: () => Promise.resolve(true),
    clock,
    log: silentLogger,
    ...over,
  });
  host.onState((state) => states.push(state));
  return { clock, host, states };
}

const locked = (url?: string) =>
  new Refused("LOCKED", "Another gateway (pid 7) owns this state directory.", { details: { pid: 7, url } });

describe("a gateway of our own", () => {
  it("is announced when it is up, with its address and a code", async () => {
    const { host, states } = setUp();
    await host.start();
    expect(states).toEqual([{ state: "starting" }, { state: "ready", attached: false }]);
    expect(host.origin).toBe("http://127.0.0.1:1");
    expect(await host.address({ needsCode: true })).toEqual({ url: "ws://127.0.0.1:1", bootstrapCode: "code-1" });
    expect(await host.address({ needsCode: false })).toEqual({ url: "ws://127.0.0.1:1" });
  });

  it("is started once, however often it is asked for, and the address waits for it", async () => {
    let starts = 0;
    let finish = (_gateway: RunningGateway) => {};
    const { host } = setUp({
      start: () => {
        starts += 1;
        return new Promise((resolve) => (finish = resolve));
      },
    });
    const first = host.start();
    const address = host.address({ needsCode: false });
    void host.start();
    finish(createGateway(4).gateway);
    await first;
    await host.start();
    expect(await address).toEqual({ url: "ws://127.0.0.1:4" });
    expect(starts).toBe(1);
  });

  it("tells how many turns run, and when that changes", async () => {
    const own = createGateway(1);
    const { host } = setUp({ start: () => Promise.resolve(own.gateway) });
    expect(host.running).toBeUndefined();
    await host.start();
    let told = 0;
    host.onActivity(() => (told += 1));
    own.running.running = 2;
    own.activity.emit();
    expect(host.running).toBe(2);
    expect(told).toBe(1);
  });

  it("[EL-19] is stopped when the app quits", async () => {
    const own = createGateway(1);
    const { host } = setUp({ start: () => Promise.resolve(own.gateway) });
    await host.start();
    await host.stop("the app quits");
    expect(own.stops).toEqual(["the app quits"]);
    expect(own.activity.listenerCount).toBe(0);
  });

  it("[EL-19] does not hold up quitting when it hangs", async () => {
    const own = createGateway(1, { hangs: true });
    const { host, clock } = setUp({ start: () => Promise.resolve(own.gateway) });
    await host.start();
    let isDone = false;
    void host.stop("the app quits").then(() => (isDone = true));
    await clock.advance(4499);
    expect(isDone).toBe(false);
    await clock.advance(1);
    expect(isDone).toBe(true);
    expect(clock.pendingTimers).toBe(0);
  });

  it("[EL-19] is stopped even when it comes up while the app quits", async () => {
    const own = createGateway(1);
    let finish = () => {};
    const { host } = setUp({ start: () => new Promise((resolve) => (finish = () => resolve(own.gateway))) });
    void host.start();
    const stopped = host.stop("the app quits");
    finish();
    await stopped;
    expect(own.stops).toEqual(["the app quits"]);
    expect(host.origin).toBeUndefined();
  });
});

describe("a failed start", () => {
  it("[EL-18] is shown with its reason and the end of the log, and can be tried again", async () => {
    let fails = true;
    const { host, states } = setUp({
      start: (onLogLine) => {
        for (let i = 1; i <= 100; i++) onLogLine(`line ${i}`);
        return fails ? Promise.reject(new Error("port 18789 is taken")) : Promise.resolve(createGateway(1).gateway);
      },
    });
    await host.start();
    const failed = states.at(-1);
    expect(failed).toMatchObject({ state: "failed", message: "port 18789 is taken" });
    expect(failed?.state === "failed" && failed.logTail.at(-1)).toBe("line 100");
    expect(failed?.state === "failed" && failed.logTail.length).toBe(60);
    await expect(host.address({ needsCode: false })).rejects.toMatchObject({ code: "UNAVAILABLE" });
    fails = false;
    await host.retry();
    expect(host.state).toEqual({ state: "ready", attached: false });
  });
});

describe("a gateway that falls", () => {
  it("[EL-18] is started again within three seconds, five times a minute at most", async () => {
    const made: ReturnType<typeof createGateway>[] = [];
    const { host, clock } = setUp({
      start: () => {
        const next = createGateway(made.length + 1);
        made.push(next);
        return Promise.resolve(next.gateway);
      },
    });
    await host.start();
    for (let fall = 1; fall <= 4; fall++) {
      made.at(-1)?.fall();
      await clock.advance(0);
      expect(host.state).toEqual({ state: "starting" });
      await clock.advance(3000);
      expect(host.state).toEqual({ state: "ready", attached: false });
      expect(made).toHaveLength(fall + 1);
    }
    made.at(-1)?.fall();
    await clock.advance(10_000);
    expect(host.state).toMatchObject({ state: "failed" });
    expect(made).toHaveLength(5);
    await host.retry();
    expect(host.state).toEqual({ state: "ready", attached: false });
  });

  it("[EL-18] is started afresh after an error that reached the top", async () => {
    const first = createGateway(1);
    const next = createGateway(2);
    const queue = [first, next];
    const { host, clock } = setUp({ start: () => Promise.resolve((queue.shift() ?? next).gateway) });
    await host.start();
    const fallen = host.fall(new Error("broken"));
    await clock.advance(3000);
    await fallen;
    expect(first.stops).toEqual(["restart after an error"]);
    expect(host.origin).toBe("http://127.0.0.1:2");
  });

  it("stays down when the app quits meanwhile", async () => {
    const own = createGateway(1);
    let starts = 0;
    const { host, clock } = setUp({
      start: () => {
        starts += 1;
        return Promise.resolve(own.gateway);
      },
    });
    await host.start();
    own.fall();
    await clock.advance(0);
    await host.stop("the app quits");
    await clock.advance(10_000);
    expect(starts).toBe(1);
    expect(clock.pendingTimers).toBe(0);
  });
});

describe("a gateway that runs elsewhere", () => {
  it("is attached to, and its code asked for as the owner", async () => {
    const { host } = setUp({ start: () => Promise.reject(locked("http://127.0.0.1:9")) });
    await host.start();
    expect(host.state).toEqual({ state: "ready", attached: true });
    expect(host.running).toBeUndefined();
    expect(await host.address({ needsCode: true })).toEqual({
      url: "ws://127.0.0.1:9",
      bootstrapCode: "asked http://127.0.0.1:9",
    });
  });

  it("[EL-19] is left running when the app quits", async () => {
    const other = createGateway(9);
    const { host } = setUp({ start: () => Promise.reject(locked(other.gateway.url)) });
    await host.start();
    await host.stop("the app quits");
    expect(other.stops).toEqual([]);
  });

  it("is waited for while it is still starting", async () => {
    let tries = 0;
    const { host, clock } = setUp({
      start: () => Promise.reject(locked(++tries < 4 ? undefined : "http://127.0.0.1:9")),
    });
    void host.start();
    await clock.advance(1000);
    expect(host.state).toEqual({ state: "ready", attached: true });
    expect(tries).toBe(4);
  });

  it("is given up on when it holds the lock and never answers", async () => {
    const { host, clock } = setUp({
      start: () => Promise.reject(locked("http://127.0.0.1:9")),
      isAnswering: () => Promise.resolve(false),
    });
    void host.start();
    await clock.advance(6000);
    expect(host.state).toMatchObject({ state: "failed", message: expect.stringContaining("pid 7") });
    expect(clock.pendingTimers).toBe(0);
  });

  it("is replaced by our own once it has gone", async () => {
    let isThere = true;
    const { host, states } = setUp({
      start: () => (isThere ? Promise.reject(locked("http://127.0.0.1:9")) : Promise.resolve(createGateway(2).gateway)),
      isAnswering: () => Promise.resolve(isThere),
    });
    await host.start();
    isThere = false;
    expect(await host.address({ needsCode: false })).toEqual({ url: "ws://127.0.0.1:2" });
    expect(states.at(-1)).toEqual({ state: "ready", attached: false });
  });
});
