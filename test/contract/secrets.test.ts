import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createSystemClock } from "#main/base/clock.ts";
import { silentLogger } from "#main/base/logger.ts";
import { openSecrets, type SecretsOptions } from "#main/secrets/open.ts";
import { createMemorySecrets } from "#test/fakes/memory-secrets.ts";
import { tempState } from "#test/fakes/temp-state.ts";
import { describeNotStoringSecrets, describeStoringSecrets } from "./secrets.suite.ts";

const base = (stateDir: string): SecretsOptions => ({
  backend: "auto",
  stateDir,
  env: {},
  log: silentLogger,
  clock: createSystemClock(),
});

describe("secrets in memory, for tests", () => {
  describeStoringSecrets(async () => {
    const store = createMemorySecrets();
    return { open: async () => store, durable: false };
  });
});

describe("secrets in the encrypted file", () => {
  describeStoringSecrets(async () => {
    const options = base(tempState());
    const env = { GATEHOUSE_SECRET_KEY: randomBytes(32).toString("base64") };
    return { open: () => openSecrets({ ...options, backend: "file", env }), durable: true };
  });
});

describe("secrets in the environment only", () => {
  describeNotStoringSecrets(async () => {
    const options = base(tempState());
    return { open: () => openSecrets({ ...options, backend: "environment" }), durable: false };
  });
});

const inKeyring = process.env["GATEHOUSE_TEST_KEYRING"] === "1";

/** Inside a session bus with an unlocked keyring, made by the test below. */
describe.runIf(inKeyring)("secrets in the real keyring", () => {
  describeStoringSecrets(async () => {
    const options = base(tempState());
    return { open: () => openSecrets({ ...options, backend: "keychain" }), durable: true };
  });

  it("[A08] keeps two state directories apart", async () => {
    const [one, two] = await Promise.all([openSecrets(base(tempState())), openSecrets(base(tempState()))]);
    await one.set("a", "mine");
    await two.set("a", "other");
    expect([one.backend, one.get("a"), two.get("a")]).toEqual(["keychain", "mine", "other"]);
  });

  it("[A08] leaves nothing of a secret in the state directory", async () => {
    const stateDir = tempState();
    const store = await openSecrets(base(stateDir));
    await store.set("a", "planted-canary-in-keyring");
    for (const name of readdirSync(stateDir))
      expect(readFileSync(join(stateDir, name), "latin1")).not.toContain("planted-canary");
  });
});

const tools = ["dbus-run-session", "gnome-keyring-daemon"].filter(
  (tool) => spawnSync("sh", ["-c", `command -v ${tool}`]).status !== 0,
);
const lacking =
  process.platform !== "linux" ? "only on Linux" : tools.length > 0 ? `needs ${tools.join(" and ")}` : undefined;

describe.runIf(!inKeyring)("the keyring of this computer", () => {
  it(
    `[A08] passes the suite against a real, unlocked keyring${lacking === undefined ? "" : ` (${lacking})`}`,
    { timeout: 120_000 },
    (context) => {
      if (lacking !== undefined) return context.skip(lacking);
      const home = tempState();
      mkdirSync(join(home, ".cache"));
      const report = join(home, "report.json");
      const vitest = join(process.cwd(), "node_modules/vitest/vitest.mjs");
      expect(existsSync(vitest)).toBe(true);
      // A line end on its standard input makes the daemon create the keyring with an empty password, unlocked.
      const script = [
        `printf '\\n' | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1`,
        `"${process.execPath}" "${vitest}" run --project contract --reporter=json --outputFile="${report}" test/contract/secrets.test.ts`,
      ].join("; ");
      const env = { PATH: process.env["PATH"], HOME: home, GATEHOUSE_TEST_KEYRING: "1", XDG_RUNTIME_DIR: home };
      const run = spawnSync("dbus-run-session", ["--", "bash", "-c", script], {
        env,
        encoding: "utf8",
        timeout: 100_000,
      });
      expect(existsSync(report), run.stderr).toBe(true);
      const outcome = JSON.parse(readFileSync(report, "utf8")) as Report;
      const inside = outcome.testResults
        .flatMap((file) => file.assertionResults)
        .filter((test) => test.fullName.includes("real keyring"));
      expect(
        inside.filter((test) => test.status !== "passed").map((test) => [test.fullName, ...test.failureMessages]),
      ).toEqual([]);
      expect(inside.length).toBeGreaterThanOrEqual(7);
      return undefined;
    },
  );

  it("[PR-11] starts without a session bus, says so, and writes nothing", { timeout: 30_000 }, async () => {
    const stateDir = tempState();
    const script = `
      const { openSecrets } = await import(${JSON.stringify(new URL("../../src-main/secrets/open.ts", import.meta.url).href)});
      const { createSystemClock } = await import(${JSON.stringify(new URL("../../src-main/base/clock.ts", import.meta.url).href)});
      const { silentLogger } = await import(${JSON.stringify(new URL("../../src-main/base/logger.ts", import.meta.url).href)});
      const store = await openSecrets({ backend: "auto", stateDir: process.argv[1], env: {}, log: silentLogger, clock: createSystemClock() });
      const refused = await store.set("a", "planted-canary").then(() => "kept", (error) => error.code);
      console.log(JSON.stringify({ backend: store.backend, canStore: store.canStore, problem: store.problem, refused }));`;
    const env = {
      PATH: process.env["PATH"],
      HOME: stateDir,
      DBUS_SESSION_BUS_ADDRESS: "unix:path=/nonexistent",
      XDG_RUNTIME_DIR: stateDir,
    };
    const run = spawnSync(process.execPath, ["--input-type=module", "-e", script, stateDir], {
      env,
      encoding: "utf8",
      timeout: 25_000,
    });
    expect(JSON.parse(run.stdout)).toEqual({
      backend: "environment",
      canStore: false,
      problem: expect.stringContaining("no keychain can be used") as string,
      refused: "UNAVAILABLE",
    });
    const left = readdirSync(stateDir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    for (const entry of left)
      expect(readFileSync(join(entry.parentPath, entry.name), "latin1")).not.toContain("planted-canary");
  });
});

interface Report {
  testResults: { assertionResults: { fullName: string; status: string; failureMessages: string[] }[] }[];
}
