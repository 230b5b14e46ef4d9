/** What a disk, a port or another gateway can do to the built gateway: each ends in clear words, with nothing lost. */
import { execFileSync } from "node:child_process";
import {
  closeSync,
  copyFileSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import {
  fakeModelConfig,
  makeStateDir,
  startGatewayProcess,
  StartFailed,
  type GatewayProcess,
  type ProcessOptions,
} from "../../../build/campaign/gateway-process.ts";
import { connectWire, type Wire } from "../../../build/campaign/wire.ts";
import { FAKE_OPENAI_ANSWER, startFakeOpenAI } from "#test/fakes/openai.ts";
import type { ScriptedServer } from "#test/fakes/scripted-http.ts";

let model: ScriptedServer;
beforeAll(async () => {
  model = await startFakeOpenAI();
});
afterAll(() => model.close());

const config = (more: Record<string, unknown> = {}) => fakeModelConfig(`${model.url}/v1`, more);

function makeDir(more: Record<string, unknown> = {}): string {
  const state = makeStateDir(config(more));
  onTestFinished(() => state.remove());
  return state.dir;
}

async function start(options: ProcessOptions): Promise<GatewayProcess> {
  const gateway = await startGatewayProcess(options);
  onTestFinished(async () => void (await gateway.kill()));
  return gateway;
}

async function connect(gateway: GatewayProcess): Promise<Wire> {
  const wire = await connectWire(gateway.url);
  onTestFinished(() => wire.close());
  return wire;
}

/** Starts, and gives how it failed. */
async function failedStart(options: ProcessOptions) {
  const error = await startGatewayProcess(options).then(
    async (gateway) => {
      await gateway.kill();
      return new Error("it started");
    },
    (failure: unknown) => failure,
  );
  if (!(error instanceof StartFailed)) throw error;
  return error.exit;
}

interface History {
  messages: { role: string; runId?: string; incomplete?: boolean; content: { type: string; text?: string }[] }[];
}

const send = (wire: Wire, key: string, sessionKey = "main") =>
  wire.call<{ status: string }>("chat.send", { sessionKey, message: `message ${key}`, idempotencyKey: key });
const history = (wire: Wire, sessionKey = "main") => wire.call<History>("chat.history", { sessionKey });
const answerTo = ({ messages }: History, key: string) =>
  messages
    .filter((m) => m.role === "assistant" && m.runId === key && m.incomplete !== true)
    .map((m) => m.content.map((b) => b.text ?? "").join(""));

/** A message that is sent and answered. */
async function exchange(wire: Wire, key: string, sessionKey = "main"): Promise<void> {
  await send(wire, key, sessionKey);
  expect(await wire.call("agent.wait", { runId: key })).toMatchObject({ status: "ok" });
}

function overwrite(path: string, at: number, bytes: number): void {
  const file = openSync(path, "r+");
  writeSync(file, Buffer.alloc(bytes, 0xa5), 0, bytes, at);
  closeSync(file);
}

describe("a damaged database", () => {
  const damages: readonly (readonly [string, (path: string) => void])[] = [
    ["in its header", (path) => overwrite(path, 0, 100)],
    ["in a page", (path) => overwrite(path, 4096 * 3, 4096)],
    ["by being cut off", (path) => writeFileSync(path, readFileSync(path).subarray(0, 4096 * 5 + 17))],
  ];

  it.each(damages)("[ST-06] %s is kept aside, restored from the backup, and said in health", async (_how, damage) => {
    const stateDir = makeDir();
    const first = await start({ stateDir });
    const before = await connect(first);
    for (const n of [1, 2, 3]) await exchange(before, `kept-${n}`);
    expect((await first.stop()).code).toBe(0);
    const path = join(stateDir, "gatehouse.db");
    damage(path);
    const damaged = readFileSync(path);
    const wire = await connect(await start({ stateDir }));
    const { problems } = await wire.call<{ problems: string[] }>("health");
    expect(problems.join("\n")).toMatch(/database could not be read.*was restored/);
    const kept = readdirSync(join(stateDir, "backups")).find((name) => name.startsWith("unreadable-")) ?? "";
    expect(readFileSync(join(stateDir, "backups", kept, "gatehouse.db")).equals(damaged)).toBe(true);
    expect(answerTo(await history(wire), "kept-2")).toEqual([FAKE_OPENAI_ANSWER]);
    await exchange(wire, "new");
  });
});

const isRoot = process.platform === "linux" && process.getuid?.() === 0;

/** Mounts something for the running test. @returns why it cannot be done */
function mount(args: readonly string[], point: string): string | undefined {
  if (!isRoot) return "mounting needs root on Linux";
  try {
    execFileSync("mount", [...args, point], { stdio: "pipe" });
    // A second one on the same place only changes the first.
    if (!args.includes("remount,bind,ro")) onTestFinished(() => void execFileSync("umount", ["-l", point]));
    return undefined;
  } catch (error) {
    return `mount is not possible here: ${String(error).split("\n")[0]}`;
  }
}

describe("a disk that says no", () => {
  it("[ST-01] when the state directory is read-only, the start ends with 1 and says so", async ({ skip }) => {
    const stateDir = makeDir();
    await (await start({ stateDir })).stop();
    const why = mount(["--bind", stateDir], stateDir) ?? mount(["-o", "remount,bind,ro"], stateDir);
    if (why !== undefined) skip(why);
    const exit = await failedStart({ stateDir });
    expect(exit.code).toBe(1);
    expect(exit.stderr).toMatch(/READ_ONLY: .*read-only/);
    expect(exit.stderr).toContain(stateDir);
  });

  it("[ST-01] when it is full, refuses writes with words, still reads, and goes on when there is room, without a restart", async ({
    skip,
  }) => {
    const stateDir = makeDir();
    const why = mount(["-t", "tmpfs", "-o", "size=6m,mode=0700", "tmpfs"], stateDir);
    if (why !== undefined) skip(why);
    writeFileSync(join(stateDir, "config.json"), JSON.stringify(config()), { mode: 0o600 });
    const wire = await connect(await start({ stateDir }));
    await exchange(wire, "before");
    const ballast = join(stateDir, "ballast");
    fillUp(ballast);
    // The last free pages of files that are there already may take a message or two.
    const refusals: string[] = [];
    for (let n = 0; n < 40 && refusals.length === 0; n++) {
      await send(wire, `full-${n}`).catch((error: unknown) => refusals.push(String(error)));
    }
    expect(refusals[0]).toMatch(/cannot grow: the disk is full.*Free some space; nothing is lost/);
    expect(answerTo(await history(wire), "before")).toEqual([FAKE_OPENAI_ANSWER]);
    expect(await wire.call("health")).toMatchObject({ ok: true });
    rmSync(ballast);
    await exchange(wire, "after");
    expect(answerTo(await history(wire), "after")).toEqual([FAKE_OPENAI_ANSWER]);
  });
});

/** Writes until nothing fits any more. */
function fillUp(path: string): void {
  const file = openSync(path, "w");
  try {
    for (const size of [65_536, 4096, 512]) {
      const block = Buffer.alloc(size);
      try {
        for (;;) if (writeSync(file, block) < size) break;
      } catch {
        // Full: now in smaller steps.
      }
    }
  } finally {
    closeSync(file);
  }
}

describe("a start that cannot be", () => {
  it("names the port that is taken, and ends with 1", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => new Promise<void>((resolve) => void other.close(() => resolve())));
    const { port } = other.address() as { port: number };
    const stateDir = makeDir();
    const exit = await failedStart({ stateDir, args: ["--port", String(port)] });
    expect(exit.code).toBe(1);
    expect(exit.stderr).toMatch(new RegExp(`PORT_IN_USE: .*${port}`));
    // What it had begun is given back: the same directory starts at once.
    await start({ stateDir });
  });

  it("[ST-10] on a directory in use ends with 3 within 5 s, names process and address, and leaves the first unharmed", async () => {
    const stateDir = makeDir();
    const first = await start({ stateDir });
    const wire = await connect(first);
    const from = performance.now();
    const exit = await failedStart({ stateDir });
    expect(performance.now() - from).toBeLessThan(5000);
    expect(exit.code).toBe(3);
    expect(exit.stderr).toContain(String(first.pid));
    expect(exit.stderr).toContain(first.url);
    await exchange(wire, "still here");
    expect(JSON.parse(readFileSync(join(stateDir, "gateway.lock"), "utf8"))).toMatchObject({ pid: first.pid });
  });

  it("[ST-15] over the database of a newer version ends with 1, and leaves the file byte-identical", async () => {
    const stateDir = makeDir();
    await (await start({ stateDir })).stop();
    const path = join(stateDir, "gatehouse.db");
    const { default: BetterSqlite } = await import("better-sqlite3");
    const raw = new BetterSqlite(path);
    raw.exec("INSERT INTO migrations VALUES ('999-later', 1)");
    raw.pragma("wal_checkpoint(TRUNCATE)");
    raw.close();
    const before = readFileSync(path);
    const exit = await failedStart({ stateDir });
    expect(exit.code).toBe(1);
    expect(exit.stderr).toMatch(/DB_NEWER: .*newer Gatehouse \(999-later\)/);
    expect(readFileSync(path).equals(before)).toBe(true);
  });
});

describe("a configuration that does not parse", () => {
  it("at the start is said, and the gateway runs without it", async () => {
    const stateDir = makeDir();
    writeFileSync(join(stateDir, "config.json"), "{ llm: {{{");
    const wire = await connect(await start({ stateDir }));
    const { problems } = await wire.call<{ problems: string[] }>("health");
    expect(problems.join("\n")).toMatch(/config\.json/);
    expect(statSync(join(stateDir, "config.json")).size).toBe(10);
  });

  it("while running leaves the last good one in force, and says so", async () => {
    const stateDir = makeDir();
    const wire = await connect(await start({ stateDir }));
    const path = join(stateDir, "config.json");
    copyFileSync(path, `${path}.good`);
    const told = new Promise<Record<string, unknown>>((resolve) => {
      wire.onEvent((event, payload) => {
        if (event === "config.changed") resolve(payload);
      });
    });
    // The watching begins a moment after the start: written until it is seen.
    let isTold = false;
    void told.then(() => (isTold = true));
    for (let n = 0; !isTold && n < 40; n++) {
      writeFileSync(path, `{ broken ${"!".repeat(n)}`);
      await Promise.race([
        told,
        wire.call("agent.wait", { runId: "nobody", timeoutMs: 250 }),
        new Promise((r) => setTimeout(r, 400)),
      ]);
    }
    expect(JSON.stringify((await told)["issues"])).toMatch(/config\.json/);
    const { problems } = await wire.call<{ problems: string[] }>("health");
    expect(problems.join("\n")).toMatch(/config\.json/);
    await exchange(wire, "by the old model");
    expect(answerTo(await history(wire), "by the old model")).toEqual([FAKE_OPENAI_ANSWER]);
  });
});
