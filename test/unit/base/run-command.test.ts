import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createSystemClock } from "#main/base/clock.ts";
import type { CommandRunner, CommandSpec } from "#main/base/command.ts";
import type { Disposable } from "#main/base/disposable.ts";
import { Refused } from "#main/base/errors.ts";
import { silentLogger } from "#main/base/logger.ts";
import { createCommandRunner } from "#main/base/run-command.ts";

let dir: string;
let runner: CommandRunner & Disposable;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "run-"));
  runner = createCommandRunner({ clock: createSystemClock(), log: silentLogger });
});
afterEach(async () => {
  await runner.dispose();
  rmSync(dir, { recursive: true, force: true });
});

const never = () => new AbortController().signal;
const spec = (argv: [string, ...string[]], given: Partial<CommandSpec> = {}): CommandSpec => ({
  argv,
  cwd: dir,
  env: { PATH: "/usr/bin:/bin" },
  timeoutMs: 20_000,
  maxOutputBytes: 10_000,
  ...given,
});
const bash = (text: string, given: Partial<CommandSpec> = {}) => spec(["/bin/bash", "-c", text], given);
const run = (text: string, given: Partial<CommandSpec> = {}) => runner.run(bash(text, given), never());
const isAlive = (pid: number): boolean => {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return false;
  }
};
const pidIn = (name: string): number => Number(readFileSync(join(dir, name), "utf8"));
async function until(what: () => boolean): Promise<void> {
  while (!what()) await new Promise((resolve) => setImmediate(resolve));
}
const isThere = (name: string) => () => {
  try {
    return statSync(join(dir, name)).size > 0;
  } catch {
    return false;
  }
};

describe("a command that ends by itself", () => {
  it("[H01] gives standard output, standard error and the exit code", async () => {
    const result = await run("echo out; echo err >&2; exit 3");
    expect(result).toMatchObject({ exitCode: 3, signal: null, stdout: "out\n", stderr: "err\n", timedOut: false });
    expect(result.droppedBytes).toBe(0);
    expect(result.overflowPath).toBeUndefined();
  });
  it("is given its arguments byte for byte, without a shell", async () => {
    const result = await runner.run(spec(["printf", "%s|", "a b", "$HOME", "*", "'", "ä\n"]), never());
    expect(result.stdout).toBe("a b|$HOME|*|'|ä\n|");
  });
  it("inherits nothing but a mark", async () => {
    const result = await runner.run(spec(["env"], { env: { PATH: "/usr/bin", A: "1" } }), never());
    expect(result.stdout.trim().split("\n").sort()).toEqual([
      "A=1",
      expect.stringMatching(/^GATEHOUSE_COMMAND=cmd_[\w-]{22}$/),
      "PATH=/usr/bin",
    ]);
  });
  it("[AP-36] finds its standard input closed, and no terminal", async () => {
    expect((await run("cat; tty; (: </dev/tty) 2>&1")).stdout).toMatch(/not a tty[^]*(No such device|cannot open)/);
  });
  it("reads what it is fed", async () => {
    expect((await run("cat", { stdin: "héllo\n".repeat(1000) })).stdout).toBe("héllo\n".repeat(1000));
  });
  it("may leave its input unread", async () => {
    expect((await run("exit 0", { stdin: "x".repeat(1_000_000) })).exitCode).toBe(0);
  });
  it("keeps characters whole that arrive in pieces", async () => {
    const text = "printf '\\xe6\\x97'; sleep 0.05; printf '\\xa5\\xff'";
    expect((await run(text)).stdout).toBe("日\ufffd");
  });
  it("[AP-34] leaves nothing running", async () => {
    const result = await run("sleep 1000 & echo $! > a; setsid sleep 1000 & echo $! > b; echo done");
    expect(result).toMatchObject({ exitCode: 0, stdout: "done\n" });
    expect([pidIn("a"), pidIn("b")].map(isAlive)).toEqual([false, false]);
  });
});

describe("a command that is refused", () => {
  const refusal = async (given: CommandSpec): Promise<string> => {
    const thrown: unknown = await runner.run(given, never()).catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(Refused);
    return (thrown as Refused).message;
  };
  it("says what is missing", async () => {
    expect(await refusal(spec(["no-such-program"]))).toContain("no program 'no-such-program'");
    expect(await refusal(spec(["ls "]))).toContain("no program 'ls '");
    expect(await refusal(spec(["ls"], { cwd: join(dir, "gone") }))).toContain("no folder");
    expect(await refusal(spec(["./x"]))).toContain("not an absolute path");
    expect(await refusal(spec(["echo", "a\0b"]))).toContain("zero byte");
    expect(await refusal(spec(["echo", "x".repeat(3_000_000)]))).toContain("too long");
  });
  it("starts nothing after it was disposed", async () => {
    await runner.dispose();
    expect(await refusal(bash("exit 0"))).toContain("closing");
  });
});

describe("a command that does not end", () => {
  it("[H01] is ended with its children when its time is up", async () => {
    const result = await run("sleep 1000 & echo $! > a; wait", { timeoutMs: 150 });
    expect(result).toMatchObject({ timedOut: true, exitCode: null, signal: "SIGTERM" });
    expect(isAlive(pidIn("a"))).toBe(false);
  });
  it("[AP-34] is killed within five seconds when it does not listen, with what left its group", async () => {
    const began = performance.now();
    const deaf =
      "trap '' TERM; (trap '' TERM; setsid bash -c 'trap \"\" TERM; echo $$ > a; while :; do sleep 1; done' &) ";
    const result = await run(`${deaf}; while :; do sleep 1; done`, { timeoutMs: 200 });
    expect(result).toMatchObject({ timedOut: true, signal: "SIGKILL" });
    expect(performance.now() - began).toBeLessThan(5200);
    expect(isAlive(pidIn("a"))).toBe(false);
  });
  it("[AP-34] spares a process that it did not start", async () => {
    const stranger = spawn("/bin/sleep", ["1000"], { detached: true, stdio: "ignore" });
    try {
      await run("sleep 1000 & wait", { timeoutMs: 100 });
      expect(isAlive(stranger.pid ?? -1)).toBe(true);
    } finally {
      stranger.kill("SIGKILL");
      await new Promise((resolve) => stranger.once("exit", resolve));
    }
  });
  it("ends within a second of an abort, and throws it when the tree is dead", async () => {
    const controller = new AbortController();
    const running = runner.run(bash("trap '' TERM; echo $$ > a; while :; do sleep 1; done"), controller.signal);
    await until(isThere("a"));
    const began = performance.now();
    controller.abort();
    await expect(running).rejects.toMatchObject({ name: "AbortError" });
    expect(performance.now() - began).toBeLessThan(1000);
    expect(isAlive(pidIn("a"))).toBe(false);
  });
  it("does not start when the abort came first", async () => {
    await expect(runner.run(bash("echo x > a"), AbortSignal.abort())).rejects.toMatchObject({ name: "AbortError" });
    expect(isThere("a")()).toBe(false);
  });
  it("ends when its runner is disposed", async () => {
    const running = run("echo $$ > a; sleep 1000");
    await until(isThere("a"));
    await runner.dispose();
    expect((await running).signal).toBe("SIGTERM");
    expect(isAlive(pidIn("a"))).toBe(false);
  });
});

describe("output without end", () => {
  it("[AP-35] keeps head and tail with a mark, and the whole in a private file", async () => {
    const given = { maxOutputBytes: 1000, overflowDir: join(dir, "over") };
    const result = await run("echo éA; for i in $(seq 5000); do echo line-é-$i; done; echo the end", given);
    expect(result.stdout).toMatch(/^éA\nline-é-1\n[^]*\n\[… \d+ bytes left out …\]\n[^]*line-é-5000\nthe end\n$/);
    expect(result.stdout).not.toContain("\ufffd");
    expect(Buffer.byteLength(result.stdout)).toBeLessThan(1100);
    const file = readFileSync(result.overflowPath ?? "", "utf8");
    expect(file.startsWith("éA\nline-é-1\n") && file.endsWith("line-é-5000\nthe end\n")).toBe(true);
    expect(file.split("\n")).toHaveLength(5003);
    expect(statSync(result.overflowPath ?? "").mode & 0o777).toBe(0o600);
    expect(result.droppedBytes).toBe(
      Buffer.byteLength(file) - Buffer.byteLength(result.stdout) + markLength(result.stdout),
    );
  });
  it("[AP-35] stays small in memory and on disk under a bomb, and ends", { timeout: 20_000 }, async () => {
    const before = process.memoryUsage.rss();
    let peak = 0;
    const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 20);
    const running = runner.run(spec(["yes"], { timeoutMs: 2500, overflowDir: join(dir, "over") }), never());
    const result = await running.finally(() => clearInterval(watch));
    expect(result.timedOut).toBe(true);
    expect(result.droppedBytes).toBeGreaterThan(64 * 1024 * 1024);
    expect(statSync(result.overflowPath ?? "").size).toBe(64 * 1024 * 1024);
    expect(peak - before).toBeLessThan(100 * 1024 * 1024);
  });
});

function markLength(text: string): number {
  return Buffer.byteLength(/\n\[… \d+ bytes left out …\]\n/.exec(text)?.[0] ?? "");
}

describe("a command in the background", () => {
  it("tells what is new since the last look, and how it ended", async () => {
    const command = await runner.start(bash("echo one; while [ ! -e go ]; do sleep 0.01; done; echo two; exit 4"));
    let seen = "";
    await until(() => (seen += command.poll().stdout).length > 0);
    expect(seen).toBe("one\n");
    expect(command.poll()).toEqual({ stdout: "", stderr: "", running: true, exitCode: null });
    await run("touch go");
    let last = command.poll();
    let rest = last.stdout;
    await until(() => {
      if (!last.running) return true;
      last = command.poll();
      rest += last.stdout;
      return !last.running;
    });
    expect(rest).toBe("two\n");
    expect(last).toMatchObject({ running: false, exitCode: 4 });
  });
  it("is ended as a whole", async () => {
    const command = await runner.start(bash("sleep 1000 & echo $! > a; wait"));
    await until(isThere("a"));
    await command.kill();
    expect(isAlive(pidIn("a"))).toBe(false);
    expect(command.poll()).toMatchObject({ running: false, exitCode: null });
    await command.kill();
  });
});
