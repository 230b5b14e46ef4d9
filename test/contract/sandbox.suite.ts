/** What every sandbox promises, whatever its walls are made of. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CommandSpec } from "#main/base/command.ts";
import { Refused } from "#main/base/errors.ts";
import type { Sandbox, SandboxSettings } from "#main/sandbox/contract.ts";
import { run, settingsWith, shell, type Ground } from "#test/fakes/walls.ts";

export interface Subject {
  ground: Ground;
  sandbox: Sandbox;
  dispose(): Promise<void>;
}

/** @param why why it cannot be tried here; undefined when it can */
export function sandboxContract(name: string, why: string | undefined, create: () => Promise<Subject>): void {
  describe.skipIf(why !== undefined)(`sandbox ${name}${why === undefined ? "" : ` (${why})`}`, () => {
    let subject: Subject;
    beforeAll(async () => {
      subject = await create();
    });
    afterAll(() => subject.dispose());
    const runner = (given: Partial<SandboxSettings> = {}) =>
      subject.sandbox.runnerFor(subject.ground.place, settingsWith(given));
    const spec = (text: string, given: Partial<CommandSpec> = {}) => shell(subject.ground.workspace, text, given);

    it("[I06] gives output, errors and the exit code", async () => {
      const result = await run(runner(), spec("echo out; echo err >&2; exit 3"));
      expect(result).toMatchObject({ exitCode: 3, stdout: "out\n", stderr: "err\n", timedOut: false, droppedBytes: 0 });
    });
    it("runs in the folder of the command, with arguments byte for byte", async () => {
      mkdirSync(join(subject.ground.workspace, "sub dir"), { recursive: true });
      const cwd = join(subject.ground.workspace, "sub dir");
      const argv: CommandSpec["argv"] = [
        "/bin/sh",
        "-c",
        'pwd; printf "%s|" "$@"',
        "sh",
        "a b",
        "$HOME",
        "*",
        "'",
        "--",
        "ä\n",
      ];
      expect((await run(runner(), { ...spec(""), cwd, argv })).stdout).toBe(`${cwd}\na b|$HOME|*|'|--|ä\n|`);
    });
    it("feeds standard input, or closes it", async () => {
      expect((await run(runner(), spec("cat", { stdin: "fed ä" }))).stdout).toBe("fed ä");
      expect((await run(runner(), spec("cat; echo end"))).stdout).toBe("end\n");
    });
    it("reads and writes a workspace that may be written", async () => {
      writeFileSync(join(subject.ground.workspace, "in.txt"), "given");
      await run(runner(), spec("cat in.txt >out.txt"));
      expect(readFileSync(join(subject.ground.workspace, "out.txt"), "utf8")).toBe("given");
    });
    it("[AP-17] knows nothing of the gateway's environment", async () => {
      process.env["CONTRACT_SECRET"] = "sk-contract";
      try {
        expect((await run(runner(), spec("env"))).stdout).not.toContain("sk-contract");
      } finally {
        delete process.env["CONTRACT_SECRET"];
      }
    });
    it("[AP-34] ends a command at its time, with what it started", async () => {
      const started = performance.now();
      const result = await run(runner(), spec("echo begun; sleep 61 & sleep 62", { timeoutMs: 600 }));
      expect(result).toMatchObject({ timedOut: true, stdout: "begun\n" });
      expect(performance.now() - started).toBeLessThan(5600);
    });
    it("[AP-34] ends what a command leaves running, and returns", async () => {
      const started = performance.now();
      const result = await run(runner(), spec("sleep 65 & echo done"));
      expect(result).toMatchObject({ exitCode: 0, stdout: "done\n", timedOut: false });
      expect(performance.now() - started).toBeLessThan(5600);
    });
    it("[AP-34] throws the abort when it is aborted, and does not start when it was", async () => {
      const abort = new AbortController();
      const running = runner().run(spec("touch begun; sleep 63"), abort.signal);
      const marker = join(subject.ground.workspace, "begun");
      while (!existsSync(marker)) await new Promise((resolve) => setImmediate(resolve));
      abort.abort(new Error("stopped"));
      await expect(running).rejects.toThrow("stopped");
      await expect(runner().run(spec("touch never"), abort.signal)).rejects.toThrow("stopped");
      expect(existsSync(join(subject.ground.workspace, "never"))).toBe(false);
    });
    it("[AP-35] keeps the head and the tail of long output", async () => {
      const result = await run(
        runner(),
        spec("echo head; head -c 3000000 /dev/zero | tr '\\0' x; echo; echo tail", { maxOutputBytes: 2000 }),
      );
      expect(result.stdout.length).toBeLessThan(2200);
      expect(result.stdout).toMatch(/^head\nx+\n\[… \d+ bytes left out …\]\nx+\ntail\n$/);
      expect(result.droppedBytes).toBeGreaterThan(2_900_000);
    });
    it("[AP-35] keeps all of it in a file when a folder is given", async () => {
      const overflowDir = join(subject.ground.dir, "overflow");
      const result = await run(
        runner(),
        spec("head -c 300000 /dev/zero | tr '\\0' x", { maxOutputBytes: 2000, overflowDir }),
      );
      expect(readFileSync(result.overflowPath ?? "", "utf8")).toBe("x".repeat(300_000));
    });
    it("starts a command that goes on, shows what is new, and ends it", async () => {
      const command = await runner().start(spec("echo one; touch going; sleep 64"));
      const marker = join(subject.ground.workspace, "going");
      while (!existsSync(marker)) await new Promise((resolve) => setImmediate(resolve));
      let seen = "";
      while (!seen.includes("one")) {
        seen += command.poll().stdout;
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect(command.poll()).toMatchObject({ running: true, exitCode: null, stdout: "" });
      await command.kill();
      expect(command.poll().running).toBe(false);
    });
    it("refuses a folder that is not there, in words", async () => {
      const cwd = join(subject.ground.workspace, "missing");
      await expect(run(runner(), { ...spec("true"), cwd })).rejects.toThrow(Refused);
      await expect(run(runner(), { ...spec("true"), cwd })).rejects.toThrow("missing");
    });
    it("[I06] says what is confined and what is not, in sentences", () => {
      for (const network of ["none", "bridge"] as const) {
        const badge = subject.sandbox.badge(settingsWith({ network }));
        expect(badge.adapter).toBe(subject.sandbox.adapter);
        expect([...badge.confined, ...badge.notConfined].every((text) => /^[A-Z].*\.$/.test(text))).toBe(true);
        expect(badge.notConfined.length).toBeGreaterThan(0);
        const opens = badge.notConfined.some((text) => text.startsWith("Network"));
        expect(opens).toBe(network === "bridge" || badge.adapter === "none");
      }
    });
    it("prunes without harm to what is in use", async () => {
      await run(runner(), spec("true"));
      await subject.sandbox.prune();
      expect((await run(runner(), spec("echo still"))).stdout).toBe("still\n");
    });
  });
}
