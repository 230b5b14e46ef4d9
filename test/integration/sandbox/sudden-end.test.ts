/** What becomes of a confined command when the gateway is gone from one moment to the next. */
import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createGround, whyNoBwrap } from "#test/fakes/walls.ts";

const why = whyNoBwrap();

/** Stands in for the gateway: starts one confined command and waits. Its argument is the folder of the test. */
const GATEWAY = `
  import { createSystemClock } from "#main/base/clock.ts";
  import { silentLogger as log } from "#main/base/logger.ts";
  import { createCommandRunner } from "#main/base/run-command.ts";
  import { bwrapAdapter } from "#main/sandbox/bwrap/index.ts";
  const [state, workspace] = process.argv.slice(-2);
  const clock = createSystemClock();
  const runner = createCommandRunner({ clock, log });
  setInterval(() => {}, 1000);
  const probe = await bwrapAdapter.probe({ dataDir: state + "/sandbox", clock, log, runner, protectedPaths: [state], env: {} });
  const limits = { memoryMb: 256, processes: 16, fileMb: 1 };
  const settings = { mode: "bwrap", scope: "session", workspace: "rw", network: "none", limits };
  const walled = probe.sandbox.runnerFor({ sessionKey: "s", agentId: "a", workspace }, settings);
  const argv = ["/bin/sh", "-c", "trap '' TERM HUP; setsid sleep 97 & touch begun; sleep 98"];
  await walled.start({ argv, cwd: workspace, env: { PATH: "/usr/bin:/bin" }, timeoutMs: 60000, maxOutputBytes: 1000 });
`;

describe.skipIf(why !== undefined)(`a gateway that is killed${why === undefined ? "" : ` (${why})`}`, () => {
  it("[AP-34] leaves no confined process behind", async () => {
    const ground = createGround();
    const argv = [
      "--input-type=module-typescript",
      "--disable-warning=ExperimentalWarning",
      "-e",
      GATEWAY,
      ground.state,
      ground.workspace,
    ];
    const gateway = spawn(process.execPath, argv, {
      cwd: join(import.meta.dirname, "../../.."),
      stdio: ["ignore", "ignore", "inherit"],
    });
    const ended = new Promise((resolve) => gateway.once("exit", resolve));
    try {
      while (!existsSync(join(ground.workspace, "begun"))) {
        if (gateway.exitCode !== null) throw new Error("the gateway of the test ended by itself");
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect(confined(ground.workspace)).toBeGreaterThan(0);
      gateway.kill("SIGKILL");
      await ended;
      const until = performance.now() + 5000;
      while (confined(ground.workspace) > 0 && performance.now() < until)
        await new Promise((resolve) => setImmediate(resolve));
      expect(confined(ground.workspace)).toBe(0);
    } finally {
      gateway.kill("SIGKILL");
      await ended;
      await ground.dispose();
    }
  });
});

/** How many processes have this workspace as a mount of their own. Reads `/proc` alone. */
function confined(workspace: string): number {
  return readdirSync("/proc").filter((name) => {
    try {
      return /^\d+$/.test(name) && readFileSync(`/proc/${name}/mounts`, "utf8").includes(` ${workspace} `);
    } catch {
      return false;
    }
  }).length;
}
