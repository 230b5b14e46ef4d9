/** A sandbox of a test's own: real walls around real programs, in folders that go when the test does. */
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSystemClock, type Clock } from "#main/base/clock.ts";
import type { CommandResult, CommandRunner, CommandSpec } from "#main/base/command.ts";
import type { Disposable } from "#main/base/disposable.ts";
import { silentLogger } from "#main/base/logger.ts";
import { createCommandRunner } from "#main/base/run-command.ts";
import type { SandboxContext, SandboxPlace, SandboxSettings } from "#main/sandbox/contract.ts";

/** Why tests with bubblewrap cannot run here; undefined when they can. */
export function whyNoBwrap(): string | undefined {
  if (process.platform !== "linux") return "bubblewrap exists on Linux only";
  const isThere = ["/usr/bin/bwrap", "/usr/local/bin/bwrap", "/bin/bwrap"].some((path) => existsSync(path));
  return isThere ? undefined : "bubblewrap is not installed";
}

export interface Ground extends Disposable {
  dir: string;
  /** The state of a gateway: protected. */
  state: string;
  workspace: string;
  context: SandboxContext;
  place: SandboxPlace;
  /** A runner without walls. */
  plain: CommandRunner;
}

export function createGround(given: { clock?: Clock; env?: SandboxContext["env"]; state?: string } = {}): Ground {
  const dir = mkdtempSync(join(tmpdir(), "walls-"));
  const state = join(dir, given.state ?? "state");
  const workspace = join(dir, "work");
  for (const each of [state, workspace]) mkdirSync(each, { recursive: true, mode: 0o700 });
  const clock = createSystemClock();
  const plain = createCommandRunner({ clock, log: silentLogger });
  const context: SandboxContext = {
    ...{ dataDir: join(state, "sandbox"), clock: given.clock ?? clock, log: silentLogger, runner: plain },
    ...{ protectedPaths: [state], env: given.env ?? {} },
  };
  return {
    ...{ dir, state, workspace, context, plain, place: { sessionKey: "agent:a:main", agentId: "a", workspace } },
    async dispose() {
      await plain.dispose();
      rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

export function settingsWith(given: Partial<SandboxSettings> = {}): SandboxSettings {
  return {
    ...{ mode: "auto", scope: "session", workspace: "rw", network: "none" },
    limits: { memoryMb: 512, processes: 64, fileMb: 64 },
    ...given,
  };
}

/** `sh -c text` in a folder, with nothing but a path and a home. */
export function shell(cwd: string, text: string, given: Partial<CommandSpec> = {}): CommandSpec {
  const env = { PATH: "/usr/bin:/bin", HOME: "/home/somebody" };
  return { argv: ["/bin/sh", "-c", text], cwd, env, timeoutMs: 15_000, maxOutputBytes: 64_000, ...given };
}

export function run(runner: CommandRunner, spec: CommandSpec): Promise<CommandResult> {
  return runner.run(spec, new AbortController().signal);
}
