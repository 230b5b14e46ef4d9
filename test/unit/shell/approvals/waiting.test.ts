/** The list of what waits follows the gateway by its events, whatever becomes of the connection. */
import { describe, expect, it } from "vitest";
import { Emitter } from "#main/base/emitter.ts";
import { silentLogger } from "#main/base/logger.ts";
import { GatewayError } from "#main/protocol/client.ts";
import type { GatewayState } from "#main/protocol/desktop.ts";
import type { Approval } from "#main/protocol/methods/approvals.ts";
import { WaitingApprovals, type OwnerConnection, type OwnerListeners } from "#main/shell/approvals/waiting.ts";
import { createManualClock } from "#test/fakes/manual-clock.ts";
import { toApproval } from "./approval.ts";

function setUp() {
  const clock = createManualClock();
  const states = new Emitter<void>();
  const connections: { listeners: OwnerListeners; url: string; isClosed: boolean }[] = [];
  const asked: unknown[] = [];
  const gateway = {
    state: { state: "ready", attached: false } as GatewayState,
    address: () => Promise.resolve({ url: "ws://127.0.0.1:1" }),
    onState: (listener: () => void) => states.on(listener),
  };
  const world = {
    listed: [] as Approval[],
    refusal: undefined as Error | undefined,
    isDown: false,
    /** Set: the list is held up until it resolves. */
    held: undefined as Promise<void> | undefined,
  };
  const waiting = new WaitingApprovals({
    async connect(url, listeners) {
      if (world.isDown) throw new Error("nobody answers");
      const connection = { listeners, url, isClosed: false };
      connections.push(connection);
      const request = async (method: string, params: unknown) => {
        if (method === "exec.approval.list") {
          const { listed } = world;
          await world.held;
          return listed;
        }
        asked.push(params);
        if (world.refusal) throw world.refusal;
        return { ok: true };
      };
      return { request, close: () => (connection.isClosed = true) } as unknown as OwnerConnection;
    },
    gateway,
    clock,
    log: () => silentLogger,
  });
  const seen: string[] = [];
  waiting.onChange((list) => seen.push(list.map((one) => one.id).join(",")));
  const send = (name: "exec.approval.requested" | "exec.approval.resolved", payload: unknown) =>
    connections.at(-1)?.listeners.onEvent?.(name, payload as never, {} as never);
  const lose = () => connections.at(-1)?.listeners.onState?.({ phase: "disconnected", reason: "gone", code: 1006 });
  const become = async (state: GatewayState) => {
    gateway.state = state;
    states.emit();
    await clock.advance(0);
  };
  return { clock, waiting, world, connections, asked, seen, send, lose, become };
}

const ids = (waiting: WaitingApprovals) => waiting.list.map((one) => one.id);

describe("WaitingApprovals", () => {
  it("[I02] holds what waits, oldest first, and follows requests and answers", async () => {
    const { clock, waiting, world, seen, send } = setUp();
    world.listed = [toApproval("b", {}, 2), toApproval("a", {}, 1)];
    await clock.advance(0);
    send("exec.approval.requested", toApproval("c", {}, 3));
    send("exec.approval.resolved", { id: "a" });
    expect(ids(waiting)).toEqual(["b", "c"]);
    expect(seen).toEqual(["a,b", "a,b,c", "b,c"]);
    expect(clock.pendingTimers).toBe(0);
  });

  it("keeps what events said while the list was on its way", async () => {
    const { clock, waiting, world, send } = setUp();
    world.listed = [toApproval("old", {}, 1)];
    let release = () => {};
    world.held = new Promise((resolve) => (release = resolve));
    await clock.advance(0);
    send("exec.approval.resolved", { id: "old" });
    send("exec.approval.requested", toApproval("new", {}, 2));
    release();
    await clock.advance(0);
    expect(ids(waiting)).toEqual(["new"]);
  });

  it("loads again when events were missed", async () => {
    const { clock, waiting, world, connections } = setUp();
    await clock.advance(0);
    world.listed = [toApproval("missed")];
    connections[0]?.listeners.onGap?.(2, 4);
    await clock.advance(0);
    expect(ids(waiting)).toEqual(["missed"]);
  });

  it("[AP-20] hands an answer on, and takes one that is over for done", async () => {
    const { clock, waiting, world, asked } = setUp();
    world.listed = [toApproval("a"), toApproval("b")];
    await clock.advance(0);
    await waiting.answer("a", "deny");
    expect(asked).toEqual([{ id: "a", decision: "deny" }]);
    world.refusal = new GatewayError({ code: "ALREADY_RESOLVED", message: "already resolved: allowed" });
    await waiting.answer("b", "allow-once");
    expect(ids(waiting)).toEqual([]);
  });

  it("keeps what could not be answered, and says so", async () => {
    const { clock, waiting, world, lose } = setUp();
    world.listed = [toApproval("a")];
    await clock.advance(0);
    world.refusal = new GatewayError({ code: "INTERNAL", message: "broken" });
    await expect(waiting.answer("a", "deny")).rejects.toThrow("broken");
    lose();
    await expect(waiting.answer("a", "deny")).rejects.toThrow("nothing was answered");
    expect(ids(waiting)).toEqual(["a"]);
  });

  it("comes back after a lost connection, later each time, and then believes the list alone", async () => {
    const { clock, waiting, world, connections, lose, send } = setUp();
    world.listed = [toApproval("a")];
    await clock.advance(0);
    world.isDown = true;
    world.listed = [toApproval("b")];
    lose();
    expect(ids(waiting)).toEqual(["a"]);
    await clock.advance(1000);
    world.isDown = false;
    await clock.advance(1000);
    expect(connections).toHaveLength(1);
    await clock.advance(1000);
    expect(connections).toHaveLength(2);
    expect(ids(waiting)).toEqual(["b"]);
    // The old connection has no say any more.
    connections[0]?.listeners.onEvent?.("exec.approval.requested", toApproval("ghost"), {} as never);
    send("exec.approval.requested", toApproval("c", {}, 9));
    expect(ids(waiting)).toEqual(["b", "c"]);
  });

  it("forgets what waited when the gateway goes down, and does not knock until it is back", async () => {
    const { clock, waiting, world, connections, become } = setUp();
    world.listed = [toApproval("a")];
    await clock.advance(0);
    await become({ state: "failed", message: "no", logTail: [] });
    expect(ids(waiting)).toEqual([]);
    expect(connections[0]?.isClosed).toBe(true);
    await clock.advance(60_000);
    expect(connections).toHaveLength(1);
    world.listed = [];
    await become({ state: "ready", attached: true });
    expect(connections).toHaveLength(2);
  });

  it("closes its connection and its timer at the end", async () => {
    const { clock, waiting, connections, lose } = setUp();
    await clock.advance(0);
    waiting.dispose();
    expect(connections[0]?.isClosed).toBe(true);
    const other = setUp();
    await other.clock.advance(0);
    other.lose();
    other.waiting.dispose();
    expect([clock.pendingTimers, other.clock.pendingTimers]).toEqual([0, 0]);
    lose();
    expect(clock.pendingTimers).toBe(0);
  });
});
