import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import BetterSqlite from "better-sqlite3";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Finding } from "#main/cli/doctor/finding.ts";
import { runCommand } from "#main/cli/run.ts";
import { tempState } from "#test/fakes/temp-state.ts";
import { playGateway } from "./fake-gateway.ts";
import { createFakeWorld } from "./fake-world.ts";

const quiet = "gateway: { port: 0 }\nsecrets: { backend: environment }\n";

/** A state directory with a configuration and nothing wrong. */
function makeState(config = quiet): string {
  const stateDir = tempState();
  writeFileSync(join(stateDir, "config.yaml"), config, { mode: 0o600 });
  return stateDir;
}

async function examine(stateDir: string, ...argv: string[]) {
  const world = createFakeWorld({ env: { GATEHOUSE_STATE_DIR: stateDir } });
  const code = await runCommand(["doctor", "--json", ...argv], world);
  const { ok, findings } = JSON.parse(world.out) as { ok: boolean; findings: Finding[] };
  return { code, ok, findings, wrong: findings.filter(({ level }) => level !== "ok") };
}

describe("gatehouse doctor", () => {
  it("ends with 0 when nothing is wrong: a gateway that does not run is not wrong", async () => {
    const { code, ok, wrong, findings } = await examine(makeState());
    expect([wrong, ok, code]).toEqual([[], true, 0]);
    const areas = new Set(findings.map(({ area }) => area));
    expect([...areas].sort()).toEqual(["configuration", "database", "files", "gateway", "secrets", "versions"]);
  });

  it("prints for a person, and a count of what to look at", async () => {
    const world = createFakeWorld({ env: { GATEHOUSE_STATE_DIR: makeState() } });
    expect(await runCommand(["doctor"], world)).toBe(0);
    expect(world.out).toMatch(/^ok +versions +gatehouse 1\.2\.3, node /);
    expect(world.out.endsWith("Nothing is wrong.\n")).toBe(true);
  });

  it("names unknown settings and a file that does not parse", async () => {
    const unknown = await examine(makeState(`${quiet}gatway: {}\n`));
    expect(unknown.code).toBe(1);
    expect(unknown.wrong).toMatchObject([{ area: "configuration", level: "warning", path: "gatway" }]);
    const broken = await examine(makeState("gateway: [\n"));
    expect(broken.wrong.some(({ area, level }) => area === "configuration" && level === "error")).toBe(true);
  });

  it("names the place of a secret in plain text, never its value", async () => {
    const stateDir = makeState(`${quiet}llm: { providers: { openai: { apiKey: sk-very-secret-value-1234 } } }\n`);
    const { code, wrong, findings } = await examine(stateDir);
    expect(code).toBe(1);
    expect(wrong).toMatchObject([{ area: "secrets", level: "warning", path: "llm.providers.openai.apiKey" }]);
    expect(JSON.stringify(findings)).not.toContain("very-secret");
  });

  it("names files that others can get at, and changes nothing", async () => {
    const stateDir = makeState();
    chmodSync(join(stateDir, "config.yaml"), 0o644);
    mkdirSync(join(stateDir, "media"), { mode: 0o755 });
    const { wrong } = await examine(stateDir);
    expect(wrong.map(({ area, path }) => [area, path])).toEqual([
      ["files", join(stateDir, "config.yaml")],
      ["files", join(stateDir, "media")],
    ]);
  });

  it("checks the database of a gateway that does not run on a copy, byte for byte untouched", async () => {
    const stateDir = makeState();
    const path = join(stateDir, "gatehouse.db");
    const raw = new BetterSqlite(path);
    raw.exec("CREATE TABLE t (x); INSERT INTO t VALUES (1)");
    raw.close();
    chmodSync(path, 0o600);
    const before = readFileSync(path);
    expect((await examine(stateDir)).wrong).toEqual([]);
    expect(readFileSync(path).equals(before)).toBe(true);
    writeFileSync(path, Buffer.concat([before.subarray(0, 100), Buffer.alloc(before.length - 100, 7)]));
    const { code, wrong } = await examine(stateDir);
    expect(code).toBe(1);
    expect(wrong).toMatchObject([{ area: "database", level: "error", path }]);
  });

  it("says that the port is taken by another program", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => new Promise<void>((resolve) => void server.close(() => resolve())));
    const { port } = server.address() as AddressInfo;
    const { wrong } = await examine(makeState(`gateway: { port: ${port} }\nsecrets: { backend: environment }\n`));
    expect(wrong).toMatchObject([{ area: "gateway", level: "warning", path: "gateway.port" }]);
  });

  it("asks a running gateway, and opens nothing that it owns", async () => {
    const stateDir = makeState();
    writeFileSync(join(stateDir, "gatehouse.db"), "not a database: it must not be looked at", { mode: 0o600 });
    const status = () => ({
      version: "1.2.3",
      pid: 5,
      url: "http://127.0.0.1:5",
      uptimeMs: 2000,
      secretsBackend: "keychain",
      sessions: { count: 3 },
      problems: ["the disk is nearly full", "no keychain"],
    });
    const authStatus = () => ({ secrets: { backend: "environment", canStore: false, message: "no keychain" } });
    const methods = { status, "models.authStatus": authStatus };
    await playGateway({ stateDir, socket: true, methods }, onTestFinished);
    const { wrong, findings } = await examine(stateDir);
    expect(wrong.filter(({ area }) => area !== "files")).toMatchObject([
      { area: "gateway", message: "the disk is nearly full" },
    ]);
    expect(findings.some(({ message }) => message === "process 5 at http://127.0.0.1:5, up 2 s")).toBe(true);
  });

  it("says that a running gateway does not answer, and that a crashed one crashed", async () => {
    const stateDir = makeState();
    const lock = { url: "http://127.0.0.1:1", startedAtMs: 0, version: "1" };
    writeFileSync(join(stateDir, "gateway.lock"), JSON.stringify({ ...lock, pid: process.pid }), { mode: 0o600 });
    expect((await examine(stateDir, "--token", "t")).wrong).toMatchObject([{ area: "gateway", level: "error" }]);
    writeFileSync(join(stateDir, "gateway.lock"), JSON.stringify({ ...lock, pid: 2 ** 22 + 1 }), { mode: 0o600 });
    expect((await examine(stateDir)).wrong).toMatchObject([{ area: "gateway", level: "warning" }]);
  });
});
