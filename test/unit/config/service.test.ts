import { createHash } from "node:crypto";
import {
  chmodSync,
  lstatSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { silentLogger, type Logger } from "#main/base/logger.ts";
import { REDACTED, type ConfigChange } from "#main/config/contract.ts";
import { createConfigService, type ConfigServiceOptions } from "#main/config/service.ts";
import { assertNoNewHandles, openHandles, type OpenHandles } from "#test/fakes/leaks.ts";
import { createManualClock } from "#test/fakes/manual-clock.ts";
import { tempState } from "#test/fakes/temp-state.ts";

let before: OpenHandles;
beforeAll(() => {
  before = openHandles();
});
afterAll(() => assertNoNewHandles(before));

const CANARY = "canary-that-nobody-sees";

function recordingLogger(): Logger & { lines: string[] } {
  const lines: string[] = [];
  const keep = (message: string) => void lines.push(message);
  return { ...silentLogger, lines, info: keep, warn: keep, error: keep };
}

async function setUp(files: Record<string, string> = {}, change: Partial<ConfigServiceOptions> = {}) {
  const stateDir = tempState();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(stateDir, name), text, { mode: 0o600 });
  const log = recordingLogger();
  const clock = createManualClock();
  const service = await createConfigService({ stateDir, env: {}, log, clock, watch: false, ...change });
  onTestFinished(async () => service.dispose());
  const changes: ConfigChange[] = [];
  service.onChange((next) => changes.push(next));
  return { stateDir, service, changes, clock, log, file: (name: string) => join(stateDir, name) };
}

describe("finding and reading", () => {
  it("runs on defaults without a file, and says where one would be", async () => {
    const { service, file } = await setUp();
    expect(service.state).toMatchObject({
      path: file("config.yaml"),
      exists: false,
      valid: true,
      written: {},
      issues: [],
      warnings: [],
    });
    expect(service.state.hash).toBe(createHash("sha256").digest("hex"));
    expect(service.current.gateway.port).toBe(18_789);
  });

  it.each([
    ["config.yaml", "gateway: {port: 5}"],
    ["config.yml", "gateway: {port: 5}"],
    ["config.json", '{"gateway": {"port": 5}}'],
    ["config.json5", "{gateway: {port: 5}}"],
    ["config.toml", "[gateway]\nport = 5"],
  ])("[Q01] finds %s", async (name, text) => {
    const { service, file } = await setUp({ [name]: text });
    expect(service.state).toMatchObject({ path: file(name), exists: true, valid: true });
    expect(service.current.gateway.port).toBe(5);
  });

  it("names the one that counts when there are several", async () => {
    const { service, file } = await setUp({
      "config.toml": "[gateway]\nport = 6",
      "config.json": '{"gateway":{"port":5}}',
    });
    expect(service.current.gateway.port).toBe(5);
    expect(service.state.warnings.map(({ message }) => message)).toEqual([
      expect.stringContaining(`${file("config.json")} counts, ${file("config.toml")} is ignored`),
    ]);
  });

  it("[Q02] reads the named file and no other", async () => {
    const dir = tempState();
    writeFileSync(join(dir, "mine.toml"), "[gateway]\nport = 7");
    const { service } = await setUp({ "config.yaml": "gateway: {port: 5}" }, { path: join(dir, "mine.toml") });
    expect(service.current.gateway.port).toBe(7);
  });

  it("[CF-03] reads no .env file", async () => {
    const { service } = await setUp({
      ".env": "API_PORT=5\nGATEHOUSE_GATEWAY_TOKEN=x\n",
      "config.yaml": 'gateway: {host: "${HOST_FROM_DOTENV:-127.0.0.1}"}',
    });
    expect(service.current.gateway).toMatchObject({ port: 18_789, host: "127.0.0.1", auth: { mode: "token" } });
  });

  it.each([
    ["does not parse", "gateway: [\n"],
    ["does not fit", "gateway: {host: 0.0.0.0, port: abc}"],
    ["is a list", "- a"],
  ])("[CF-01] starts in the safest form when the file %s", async (_how, text) => {
    const { service, log } = await setUp({ "config.yaml": text }, { env: { APPROVAL_REQUIRED: "false" } });
    expect(service.state.valid).toBe(false);
    expect(service.state.issues.length).toBeGreaterThan(0);
    expect(service.current).toMatchObject({
      gateway: { host: "127.0.0.1", port: 18_789 },
      tools: { approvals: { required: true, autoApproveLevels: [] } },
    });
    expect(log.lines.join("\n")).toContain("config.yaml");
    expect(log.lines.at(-1)).toContain("defaults are in force");
  });

  it("[ST-13] does not use a file that every user may change", async () => {
    const { service, file } = await setUp({ "config.yaml": "gateway: {port: 5}" });
    chmodSync(file("config.yaml"), 0o666);
    const { state } = await service.reload();
    expect(state.valid).toBe(false);
    expect(state.issues[0]?.message).toContain("chmod 600");
    chmodSync(file("config.yaml"), 0o600);
    expect((await service.reload()).state.valid).toBe(true);
  });

  it.skipIf(process.platform === "win32")("[Q24] makes a file that others may read private, and warns", async () => {
    const { service, file, log } = await setUp({ "config.yaml": "gateway: {port: 5}" });
    chmodSync(file("config.yaml"), 0o644);
    await service.reload();
    expect(statSync(file("config.yaml")).mode & 0o777).toBe(0o600);
    expect(log.lines.join()).toContain("open to other users");
  });

  it("says why when the path is a folder", async () => {
    const { service } = await setUp({}, { path: tempState() });
    expect(service.state).toMatchObject({ valid: false });
    expect(service.state.issues[0]?.message).toContain("it is a folder");
  });
});

describe("writing", () => {
  it("[Q09] writes a patch into the file, privately, and tells what changed", async () => {
    const { service, changes, file } = await setUp({ "config.yaml": "# mine\ngateway: {port: 5} # here\n" });
    const { changedPaths } = await service.patch({ gateway: { port: 6 }, llm: { model: "a/b" } }, service.state.hash);
    expect(changedPaths).toEqual(["gateway.port", "llm.model"]);
    expect(changes).toHaveLength(1);
    expect(service.current.gateway.port).toBe(6);
    const text = readFileSync(file("config.yaml"), "utf8");
    expect(text).toContain("# mine");
    expect(text).toContain("# here");
    expect(statSync(file("config.yaml")).mode & 0o777).toBe(0o600);
    expect(service.state.written).toEqual({ gateway: { port: 6 }, llm: { model: "a/b" } });
    expect((await service.reload()).changedPaths).toEqual([]);
  });

  it("[ST-25] refuses a stale base and writes nothing", async () => {
    const { service, file } = await setUp({ "config.yaml": "gateway: {port: 5}" });
    const { hash } = service.state;
    writeFileSync(file("config.yaml"), "gateway: {port: 7}");
    await expect(service.patch({ gateway: { port: 6 } }, hash)).rejects.toMatchObject({
      code: "INVALID_REQUEST",
      message: expect.stringContaining("config changed since") as string,
    });
    expect(readFileSync(file("config.yaml"), "utf8")).toBe("gateway: {port: 7}");
  });

  it("[ST-25] lets one of many writers on the same base through, and the file stays whole", async () => {
    const { service, file } = await setUp({ "config.json": "{}" });
    const { hash } = service.state;
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, (_item, n) => service.patch({ gateway: { port: 100 + n } }, hash)),
    );
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(JSON.parse(readFileSync(file("config.json"), "utf8"))).toEqual({ gateway: { port: 100 } });
    expect(readdirSync(join(file("config.json"), ".."))).toEqual(["config.json"]);
  });

  it("[ST-25] keeps every one of many changes without a base", async () => {
    const { service } = await setUp();
    await Promise.all(
      Array.from({ length: 10 }, (_item, n) =>
        service.patch({ agents: { [`a${n}`]: { name: String(n) } } }, undefined),
      ),
    );
    expect(Object.keys(service.current.agents)).toHaveLength(10);
  });

  it("[Q09] refuses what does not fit, with the paths, and writes nothing", async () => {
    const { service, file } = await setUp();
    await expect(service.write({ gateway: { port: "abc" } }, undefined)).rejects.toMatchObject({
      message: expect.stringContaining("gateway.port") as string,
    });
    await expect(service.write([], undefined)).rejects.toMatchObject({ code: "INVALID_REQUEST" });
    expect(readdirSync(join(file("x"), ".."))).toEqual([]);
  });

  it("[CF-04] round trip: what config.get shows can be written back and loses no secret", async () => {
    const text = `{"gateway":{"auth":{"token":"${CANARY}"}},"llm":{"providers":{"a":{"apiKey":"${CANARY}2"}}}}`;
    const { service, file } = await setUp({ "config.json": text });
    const shown = service.redact(service.state.written);
    expect(JSON.stringify([shown, service.redact(service.current)])).not.toContain(CANARY);
    await service.write(shown, service.state.hash);
    expect(JSON.parse(readFileSync(file("config.json"), "utf8"))).toEqual(JSON.parse(text));
    await service.patch({ gateway: { port: 9, auth: { token: REDACTED } } }, undefined);
    expect(service.current.gateway).toMatchObject({ port: 9, auth: { token: CANARY } });
  });

  it("does not write over a file that cannot be read as it is", async () => {
    const { service, file } = await setUp({ "config.yaml": "gateway: [\n" });
    await expect(service.patch({ gateway: { port: 1 } }, undefined)).rejects.toThrow("Repair the file first");
    expect(readFileSync(file("config.yaml"), "utf8")).toBe("gateway: [\n");
  });

  it("writes through a link and leaves it a link", async () => {
    const dir = tempState();
    writeFileSync(join(dir, "real.yaml"), "gateway: {port: 5}\n", { mode: 0o600 });
    const stateDir = tempState();
    symlinkSync(join(dir, "real.yaml"), join(stateDir, "config.yaml"));
    const { service } = await setUp({}, { stateDir });
    await service.patch({ gateway: { port: 6 } }, undefined);
    expect(lstatSync(join(stateDir, "config.yaml")).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(dir, "real.yaml"), "utf8")).toContain("port: 6");
  });

  it("keeps variables as written", async () => {
    const { service, file } = await setUp({ "config.yaml": 'gateway: {port: "${PORT:-5}"}\n' });
    await service.patch({ llm: { model: "a/b" } }, undefined);
    expect(readFileSync(file("config.yaml"), "utf8")).toContain("${PORT:-5}");
    expect(service.current.gateway.port).toBe(5);
  });
});

describe("following the file", () => {
  async function watching(files: Record<string, string>) {
    let begun = false;
    const setup = await setUp(files, { watch: true, onWatching: () => (begun = true) });
    await setup.clock.advance(300);
    while (!begun) await nextTurn();
    /** Turns the clock on, while the real watcher reports, until `done`; vitest's own limit ends a hopeless wait. */
    const until = async (done: () => boolean) => {
      while (!done()) await setup.clock.advance(300);
    };
    return { ...setup, until };
  }

  it("[Q07] takes up a saved file without a restart", async () => {
    const { service, changes, file, until } = await watching({ "config.yaml": "gateway: {port: 5}" });
    writeFileSync(file("config.yaml"), "gateway: {port: 6}");
    await until(() => service.current.gateway.port === 6);
    expect(changes.at(-1)?.changedPaths).toEqual(["gateway.port"]);
  });

  it("[Q07] takes up a file that editors replace by renaming, again and again", async () => {
    const { service, file, until } = await watching({ "config.yaml": "gateway: {port: 5}" });
    for (const port of [6, 7, 8]) {
      writeFileSync(file("config.yaml.tmp"), `gateway: {port: ${port}}`, { mode: 0o600 });
      renameSync(file("config.yaml.tmp"), file("config.yaml"));
      await until(() => service.current.gateway.port === port);
    }
  });

  it("[Q07] takes up a file that was not there at the start", async () => {
    const { service, file, until } = await watching({});
    writeFileSync(file("config.toml"), "[gateway]\nport = 6", { mode: 0o600 });
    await until(() => service.current.gateway.port === 6);
    expect(service.state.path).toBe(file("config.toml"));
  });

  it("[Q07] keeps the last good configuration through a broken save and through a deletion, and says so", async () => {
    const { service, file, until } = await watching({ "config.yaml": "gateway: {port: 5}" });
    writeFileSync(file("config.yaml"), "gateway: {port: [");
    await until(() => !service.state.valid);
    expect(service.current.gateway.port).toBe(5);
    expect(service.state.issues.at(-1)?.message).toContain("the last good configuration stays in force");
    writeFileSync(file("config.yaml"), "gateway: {port: 6}");
    await until(() => service.state.valid);
    expect(service.current.gateway.port).toBe(6);
    rmSync(file("config.yaml"));
    await until(() => !service.state.exists);
    expect(service.current.gateway.port).toBe(6);
    writeFileSync(file("config.yaml"), "gateway: {port: 7}", { mode: 0o600 });
    await until(() => service.current.gateway.port === 7);
  });

  it("[Q07] tells its own write once, and rapid saves as one", async () => {
    const { service, changes, file, until } = await watching({ "config.yaml": "gateway: {port: 5}" });
    await service.patch({ gateway: { port: 6 } }, undefined);
    for (const port of [10, 11, 12, 13]) writeFileSync(file("config.yaml"), `gateway: {port: ${port}}`);
    await until(() => service.current.gateway.port === 13);
    expect(changes.map(({ state }) => state.config.gateway.port)).toEqual([6, 13]);
  });

  it("takes up what was changed before the watching began", async () => {
    const { service, clock, file } = await setUp({ "config.yaml": "gateway: {port: 5}" }, { watch: true });
    writeFileSync(file("config.yaml"), "gateway: {port: 6}");
    while (service.current.gateway.port !== 6) await clock.advance(300);
  });

  it("leaves no timer behind when it ends before it began", async () => {
    const { service, clock } = await setUp({}, { watch: true });
    await service.dispose();
    expect(clock.pendingTimers).toBe(0);
  });
});
