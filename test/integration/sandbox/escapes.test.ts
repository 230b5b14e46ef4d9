/** What a hostile command tries behind bubblewrap; beside each try the same without walls, where that is safe to show. */
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { homedir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CommandResult, CommandRunner, CommandSpec } from "#main/base/command.ts";
import { bwrapAdapter } from "#main/sandbox/bwrap/index.ts";
import type { Sandbox, SandboxSettings } from "#main/sandbox/contract.ts";
import { createGround, run, settingsWith, shell, whyNoBwrap, type Ground } from "#test/fakes/walls.ts";

const why = whyNoBwrap();

describe.skipIf(why !== undefined)(`behind bubblewrap${why === undefined ? "" : ` (${why})`}`, () => {
  let ground: Ground;
  let sandbox: Sandbox;
  beforeAll(async () => {
    ground = createGround();
    const probe = await bwrapAdapter.probe(ground.context);
    if (!probe.ok) throw new Error(probe.reason);
    sandbox = probe.sandbox;
    writeFileSync(join(ground.state, "gateway.db"), "private");
    mkdirSync(join(ground.dir, "other"));
    writeFileSync(join(ground.dir, "other", "secret.txt"), "private");
  });
  afterAll(() => ground.dispose());

  const runner = (settings: Partial<SandboxSettings> = {}): CommandRunner =>
    sandbox.runnerFor(ground.place, settingsWith(settings));
  const inside = (text: string, settings: Partial<SandboxSettings> = {}, spec: Partial<CommandSpec> = {}) =>
    run(runner(settings), shell(ground.workspace, text, spec));
  const outside = (text: string, spec: Partial<CommandSpec> = {}): Promise<CommandResult> =>
    run(ground.plain, shell(ground.workspace, text, spec));
  const limits = (given: Partial<SandboxSettings["limits"]>) => ({ limits: { ...settingsWith().limits, ...given } });

  describe("files", () => {
    it("[I06] the gateway's state cannot be read", async () => {
      const text = `cat ${ground.state}/gateway.db`;
      expect((await inside(text)).stdout).toBe("");
      expect((await outside(text)).stdout).toBe("private");
    });
    it("[I06] other folders, other workspaces and the homes of this computer cannot be read", async () => {
      // A home that holds the workspace shows the way to it, and nothing else.
      const home = ground.dir.startsWith(homedir()) ? "" : homedir();
      const text = `cat ${ground.dir}/other/secret.txt; ls -A ${home} /var/log /run /opt 2>/dev/null`;
      expect((await inside(text)).stdout).toBe("");
      expect((await outside(text)).stdout).toMatch(/^private/);
      expect((await inside("ls -A /home/somebody")).stdout).toBe("");
      expect((await inside("cat /etc/shadow; ls /etc/ssl/private /run /var/lib")).stdout).toBe("");
      expect((await inside("cat /etc/passwd")).stdout.split("\n")).toHaveLength(4);
    });
    it("[I06] nothing outside the workspace can be written", async () => {
      const tries = ["/x", "/usr/x", "/etc/x", "/dev/x", "/var/x", "/proc/sys/kernel/core_pattern", "/etc/hosts"];
      const result = await inside(
        tries.map((path) => `(echo x >${path}) 2>/dev/null && echo wrote ${path}`).join("; "),
      );
      expect(result.stdout).toBe("");
      expect((await inside("echo x >mine && echo wrote mine")).stdout).toBe("wrote mine\n");
    });
    it("[I06] a link that leaves the workspace leads nowhere", async () => {
      symlinkSync(join(ground.dir, "other"), join(ground.workspace, "link"));
      expect((await inside("cat link/secret.txt; cat link/../other/secret.txt")).stdout).toBe("");
      expect((await outside("cat link/secret.txt")).stdout).toBe("private");
    });
    it("[I06] a folder of the gateway inside the workspace is covered", async () => {
      const place = { ...ground.place, workspace: ground.dir };
      const spec = shell(ground.dir, "ls -A state; cat other/secret.txt; touch state/x");
      const result = await run(sandbox.runnerFor(place, settingsWith()), spec);
      expect(result.stdout).toBe("private");
      expect(existsSync(join(ground.state, "x"))).toBe(false);
    });
    it("[I06] what it writes belongs to the gateway's user", async () => {
      await inside("umask 077; mkdir -p made; echo text >made/file; chmod 600 made/file");
      const file = join(ground.workspace, "made", "file");
      expect(statSync(file).uid).toBe(process.getuid?.());
      writeFileSync(file, "changed outside");
      expect((await inside("cat made/file && echo more >>made/file")).stdout).toBe("changed outside");
      expect(readFileSync(file, "utf8")).toBe("changed outsidemore\n");
    });
    it("[I07] a file is cut at its limit", async () => {
      const text = "head -c 1000000000 /dev/zero >big; echo $?";
      expect((await inside(text, limits({ fileMb: 2 }))).stdout).not.toBe("0\n");
      expect(statSync(join(ground.workspace, "big")).size).toBe(2 * 1024 * 1024);
      await outside("head -c 3000000 /dev/zero >big");
      expect(statSync(join(ground.workspace, "big")).size).toBe(3_000_000);
    });
    it("[I07] memory cannot be filled through the file system", async () => {
      const tries = await inside(
        "for at in / /dev /dev/shm /etc; do head -c 200M /dev/zero 2>/dev/null >$at/fill; done; du -sm /dev/shm | cut -f1",
      );
      expect(Number(tries.stdout)).toBeLessThanOrEqual(64);
    });
  });

  describe("processes", () => {
    it("[I07] more processes than allowed do not start", async () => {
      const text = "i=0; while [ $i -lt 60 ]; do sleep 9 & i=$((i+1)); echo $i; done; kill -9 -1";
      const held = (await inside(text, limits({ processes: 20 }))).stdout.trim().split("\n");
      expect(held.length).toBeGreaterThan(10);
      expect(held.length).toBeLessThanOrEqual(20);
      const free = text.replace("kill -9 -1", "kill $(jobs -p)");
      expect((await outside(free)).stdout.trim().split("\n")).toHaveLength(60);
    });
    it("[I07] a fork bomb is held and leaves nothing", async () => {
      const started = performance.now();
      const bomb = inside("bomb() { bomb | bomb & }; bomb; sleep 60", limits({ processes: 24 }), { timeoutMs: 2500 });
      let most = 0;
      let isOver = false;
      const watching = (async () => {
        while (!isOver) {
          most = Math.max(most, ofMount(ground.workspace).length);
          await new Promise((resolve) => setImmediate(resolve));
        }
      })();
      await bomb;
      isOver = true;
      await watching;
      expect(most).toBeGreaterThan(2);
      // What it may have, and what builds its walls.
      expect(most).toBeLessThanOrEqual(24 + 4);
      expect(performance.now() - started).toBeLessThan(2500 + 5000);
      expect(ofMount(ground.workspace)).toEqual([]);
      expect((await inside("echo well")).stdout).toBe("well\n");
    });
    it("[I07] a process that takes too much memory is ended, its walls stand", async () => {
      const hog = `perl -e 'my $x = "a" x 400_000_000; print length $x'`;
      const held = await inside(hog, limits({ memoryMb: 128 }));
      expect(held.stdout).toBe("");
      expect(held.exitCode).not.toBe(0);
      expect((await outside(hog)).stdout).toBe("400000000");
      expect((await inside(hog, limits({ memoryMb: 2048 }))).stdout).toBe("400000000");
    });
    it("[AP-34] processes of others are neither seen nor signalled", async () => {
      const victim: ChildProcess = spawn("sleep", ["60"]);
      try {
        const text = `kill -9 ${victim.pid} 2>/dev/null; ls -d /proc/[0-9]* | wc -l; kill -9 ${process.pid} 2>/dev/null; grep -l sleep /proc/*/comm`;
        expect(Number((await inside(text)).stdout.split("\n")[0])).toBeLessThanOrEqual(4);
        expect(victim.exitCode ?? victim.signalCode).toBeNull();
        const ended = new Promise((resolve) => victim.once("exit", (_code, signal) => resolve(signal)));
        await outside(`kill -9 ${victim.pid}`);
        expect(await ended).toBe("SIGKILL");
      } finally {
        victim.kill("SIGKILL");
      }
    });
    it("[AP-34] what left its group, lost its parent and wiped its environment is ended too", async () => {
      const text = "env -i setsid sh -c 'env -i setsid sleep 77 & sleep 78' & sleep 0.3; echo gone";
      expect((await inside(text)).stdout).toBe("gone\n");
      expect(ofMount(ground.workspace)).toEqual([]);
      const started = performance.now();
      const late = await inside("trap '' TERM; env -i setsid sleep 79 & sleep 80", {}, { timeoutMs: 500 });
      expect(late.timedOut).toBe(true);
      expect(performance.now() - started).toBeLessThan(5500);
      expect(ofMount(ground.workspace)).toEqual([]);
    });
    it("[I06] rights cannot be gained", async () => {
      const status = (await inside("cat /proc/self/status")).stdout;
      expect(status).toMatch(/^NoNewPrivs:\s+1$/m);
      expect(status).toMatch(/^CapEff:\s+0+$/m);
      expect(status).toMatch(/^CapBnd:\s+0+$/m);
      expect(status).toMatch(/^Uid:\s+1000\s+1000\s+1000\s+1000$/m);
      const tries = "unshare -U true; mount -t tmpfs none /tmp; unshare -m true; chroot / true; mknod x b 8 0";
      const codes = await inside(
        tries
          .split("; ")
          .map((text) => `${text} 2>/dev/null; echo $?`)
          .join("; "),
      );
      expect(codes.stdout.trim().split("\n").map(Number)).not.toContain(0);
    });
  });

  describe("environment", () => {
    it("[AP-17] nothing but what was given is in it, whatever the gateway has", async () => {
      process.env["WALLS_SECRET"] = "sk-not-for-commands";
      try {
        const given = { PATH: "/usr/bin:/bin", HOME: "/home/somebody", TEXT: "a 'b' \"$c\"\n\\d", EMPTY: "" };
        const result = await inside(
          "tr '\\0' '|' </proc/self/environ; cat /proc/[0-9]*/environ | tr '\\0' '|' >&2",
          {},
          { env: given },
        );
        const names = Object.entries(given).map(([name, value]) => `${name}=${value}`);
        expect(
          result.stdout
            .split("|")
            .filter(Boolean)
            .filter((each) => !each.startsWith("PWD="))
            .sort(),
        ).toEqual(names.sort());
        expect(result.stderr).not.toContain("sk-not-for-commands");
      } finally {
        delete process.env["WALLS_SECRET"];
      }
    });
    it("[AP-16] a loader's variable acts inside and not on what builds the walls", async () => {
      const argv: CommandSpec["argv"] = ["/bin/true"];
      const env = { PATH: "/usr/bin", LD_PRELOAD: "/no/such/library.so" };
      const walled = await inside("", {}, { argv, env });
      expect(walled.stderr.match(/LD_PRELOAD/g)).toHaveLength(1);
      const twin: CommandSpec["argv"] = ["bwrap", "--ro-bind", "/", "/", "/bin/true"];
      expect((await outside("", { argv: twin, env })).stderr.match(/LD_PRELOAD/g)).toHaveLength(2);
    });
  });

  describe("network", () => {
    let server: Server;
    const name = `\0walls-${process.pid}`;
    beforeAll(async () => {
      server = createServer((socket) => socket.end());
      await new Promise<void>((resolve) => server.listen(name, resolve));
    });
    afterAll(() => new Promise((resolve) => server.close(resolve)));

    it("[I06] a socket without a file is out of reach", async () => {
      const text = `perl -MSocket -e 'socket(my $s, AF_UNIX, SOCK_STREAM, 0); print connect($s, sockaddr_un("\\0walls-${process.pid}")) ? "in" : "out"'`;
      expect((await inside(text)).stdout).toBe("out");
      expect((await outside(text)).stdout).toBe("in");
    });
    it("[I06] the gateway's own socket is out of reach", async () => {
      const path = join(ground.state, "gateway.sock");
      const own = createServer((socket) => socket.end());
      await new Promise<void>((resolve) => own.listen(path, resolve));
      const text = `perl -MSocket -e 'socket(my $s, AF_UNIX, SOCK_STREAM, 0); print connect($s, sockaddr_un("${path}")) ? "in" : "out"'`;
      try {
        expect((await inside(text, { network: "bridge" })).stdout).toBe("out");
        expect((await outside(text)).stdout).toBe("in");
      } finally {
        await new Promise((resolve) => own.close(resolve));
      }
    });
  });
});

/** Processes that see this workspace as a mount of their own: those behind its walls. Reads `/proc` alone. */
function ofMount(workspace: string): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return (
          readFileSync(`/proc/${pid}/mounts`, "utf8").includes(` ${workspace} `) &&
          !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "latin1"))
        );
      } catch {
        return false;
      }
    });
}
