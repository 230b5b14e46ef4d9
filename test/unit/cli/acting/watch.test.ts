/** Watching shows what comes, and answers only what a person read. */
import { PassThrough } from "node:stream";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { watchApprovals } from "#main/cli/acting/watch.ts";
import type { Invocation } from "#main/cli/command.ts";
import { createManualClock } from "#test/fakes/manual-clock.ts";
import { tempState } from "#test/fakes/temp-state.ts";
import { toApproval } from "../../shell/approvals/approval.ts";
import { playGateway } from "../fake-gateway.ts";
import { createFakeWorld } from "../fake-world.ts";

interface Setting {
  isTerminal?: boolean;
  json?: boolean;
  pending?: unknown[];
}

/** Starts watching a played gateway. `send` is there once the list was asked for. */
async function watch({ isTerminal = true, json = false, pending = [] }: Setting = {}) {
  const stateDir = tempState();
  const played: { send?: (event: string, payload: unknown) => void } = {};
  const methods = {
    "exec.approval.list": (_params: unknown, send: (event: string, payload: unknown) => void) => {
      played.send = send;
      return pending;
    },
    "exec.approval.resolve": () => ({ ok: true }),
  };
  const gateway = await playGateway({ stateDir, socket: true, methods }, onTestFinished);
  const stdout = Object.assign(new PassThrough(), { isTTY: isTerminal, columns: 200, rows: 50 });
  let out = "";
  stdout.on("data", (data: Buffer) => (out += data.toString()));
  const world = createFakeWorld({ env: { GATEHOUSE_STATE_DIR: stateDir }, stdout });
  Object.assign(world.stdin, { isTTY: isTerminal });
  const clock = createManualClock();
  const invocation: Invocation = { world, options: { json }, positionals: ["watch"] };
  const code = watchApprovals(invocation, clock);
  const holds = (text: string) => vi.waitFor(() => expect(out).toContain(text));
  await vi.waitFor(() => expect(played.send).toBeDefined());
  const answers = () => gateway.calls.filter((call) => call.method === "exec.approval.resolve").map((c) => c.params);
  const answered = (count: number) => vi.waitFor(() => expect(answers()).toHaveLength(count));
  const send = (event: string, payload: unknown) => played.send?.(event, payload);
  return {
    ...{ world, clock, code, gateway, answers, answered, holds, send },
    type: (text: string) => world.stdin.write(text),
    get out() {
      return out;
    },
    get err() {
      return world.err;
    },
  };
}

const resolved = (id: string) => ({ id, decision: "deny", outcome: "denied", resolvedBy: "device:phone", ts: 1 });

describe("gatehouse approvals watch", () => {
  it("[I04] denies with Enter and allows with the whole word, one request at a time", async () => {
    const seen = await watch({ pending: [toApproval("a"), toApproval("b")] });
    await seen.holds("Create notes/a.md");
    expect(seen.out).not.toContain("Create notes/b.md");
    await seen.clock.advance(2000);
    seen.type("\r");
    await seen.holds("Denied.");
    await seen.holds("Create notes/b.md");
    await seen.clock.advance(2000);
    seen.type("y\r");
    await seen.holds("Enter or deny, allow, or later.");
    seen.type("allow\r");
    await seen.holds("Allowed once.");
    expect(seen.answers()).toEqual([
      { id: "a", decision: "deny" },
      { id: "b", decision: "allow-once" },
    ]);
    seen.world.signal("SIGINT");
    expect(await seen.code).toBe(0);
  });

  it("[I02] does not take for an answer what was typed before the request could be read", async () => {
    const seen = await watch({ pending: [toApproval("a")] });
    await seen.holds("Create notes/a.md");
    seen.type("allow\r\r");
    await seen.holds("It has only just come");
    expect(seen.answers()).toEqual([]);
    // The same word counts once there was time to read.
    await seen.clock.advance(1500);
    seen.type("allow\r");
    await seen.answered(1);
    seen.world.signal("SIGTERM");
    expect(await seen.code).toBe(0);
  });

  it("[I02] forgets what was typed for a request that was answered elsewhere", async () => {
    const seen = await watch({ pending: [toApproval("a"), toApproval("b")] });
    await seen.holds("Create notes/a.md");
    await seen.clock.advance(2000);
    seen.type("allow");
    await seen.holds("allow");
    seen.send("exec.approval.resolved", resolved("a"));
    await seen.holds("Over: denied by device:phone");
    await seen.holds("Create notes/b.md");
    await seen.clock.advance(2000);
    // Had the word stayed, this would have allowed b; alone it denies.
    seen.type("\r");
    await seen.answered(1);
    expect(seen.answers()).toEqual([{ id: "b", decision: "deny" }]);
    seen.world.signal("SIGINT");
    await seen.code;
  });

  it("leaves a request to others with later, and ends with the input", async () => {
    const seen = await watch({ pending: [toApproval("a")] });
    await seen.holds("Create notes/a.md");
    seen.type("later\r");
    await seen.holds("Nothing waits for you. Ctrl-C ends.");
    seen.world.stdin.end();
    expect(await seen.code).toBe(0);
    expect(seen.answers()).toEqual([]);
  });

  it("only shows what happens where nobody can type, in text and in JSON", async () => {
    const text = await watch({ isTerminal: false, pending: [toApproval("a")] });
    await text.holds("Create notes/a.md");
    text.type("allow\n");
    text.send("exec.approval.requested", toApproval("b", { command: "ls\u001b[2J" }));
    text.send("exec.approval.resolved", resolved("a"));
    await text.holds("a  denied by device:phone");
    expect(text.out).toContain("ls\\u{1b}[2J");
    expect(text.answers()).toEqual([]);
    text.world.signal("SIGINT");
    expect(await text.code).toBe(0);

    const json = await watch({ json: true, pending: [toApproval("a")] });
    await json.holds('"event":"requested"');
    json.send("exec.approval.resolved", resolved("a"));
    await json.holds('"event":"resolved"');
    const lines = json.out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.map((line) => line["event"])).toEqual(["requested", "resolved"]);
    json.world.signal("SIGINT");
    await json.code;
  });

  it("ends with 1 when the gateway goes away", async () => {
    const seen = await watch();
    seen.gateway.drop();
    expect(await seen.code).toBe(1);
    expect(seen.err).toContain("the gateway went away");
  });
});
