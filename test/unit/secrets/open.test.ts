import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { silentLogger, type Logger } from "#main/base/logger.ts";
import { keyFilePath, secretsFilePath } from "#main/secrets/encrypted-file.ts";
import type { Keyring } from "#main/secrets/keychain.ts";
import { openSecrets, type SecretsOptions } from "#main/secrets/open.ts";
import { createManualClock } from "#test/fakes/manual-clock.ts";
import { tempState } from "#test/fakes/temp-state.ts";

const CANARY = "planted-canary-4711";
const newKey = () => randomBytes(32).toString("base64");
const never = () => new Promise<never>(() => {});

const noKeyring = async (): Promise<Keyring> => {
  throw new Error("no such service");
};

function memoryKeyring(): Keyring & { held: Map<string, string> } {
  const held = new Map<string, string>();
  return {
    held,
    findCredentials: async (service) =>
      [...held].flatMap(([key, password]) =>
        key.startsWith(`${service}|`) ? [{ account: key.slice(service.length + 1), password }] : [],
      ),
    setPassword: async (service, account, password) => void held.set(`${service}|${account}`, password),
    deletePassword: async (service, account) => held.delete(`${service}|${account}`),
  };
}

function options(stateDir: string, change: Partial<SecretsOptions> = {}): SecretsOptions {
  return {
    backend: "auto",
    stateDir,
    env: {},
    log: silentLogger,
    clock: createManualClock(),
    loadKeyring: noKeyring,
    ...change,
  };
}

function recordingLogger(): Logger & { warnings: string[] } {
  const warnings: string[] = [];
  return { ...silentLogger, warnings, warn: (message) => void warnings.push(message) };
}

/** Files under a folder whose bytes hold `text`. */
function filesWith(dir: string, text: string): string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => readFileSync(path).includes(text));
}

describe("choosing where secrets are kept", () => {
  it("[A08] takes the keychain when there is one, and writes no secret into the state directory", async () => {
    const stateDir = tempState();
    const keyring = memoryKeyring();
    const store = await openSecrets(options(stateDir, { loadKeyring: async () => keyring }));
    await store.set("gateway:token", CANARY);
    expect(store.backend).toBe("keychain");
    expect([...keyring.held.values()]).toEqual([CANARY]);
    expect(filesWith(stateDir, CANARY)).toEqual([]);
  });

  it("[A08] goes on with the environment only where there is no keychain, without a file by itself", async () => {
    const stateDir = tempState();
    const log = recordingLogger();
    const store = await openSecrets(options(stateDir, { log, env: { GATEHOUSE_SECRET_GATEWAY_TOKEN: "from-env" } }));
    expect(store).toMatchObject({ backend: "environment", canStore: false });
    expect(store.get("gateway:token")).toBe("from-env");
    await expect(store.set("a", CANARY)).rejects.toMatchObject({ code: "UNAVAILABLE" });
    expect(readdirSync(stateDir)).toEqual([]);
    expect(log.warnings).toEqual([expect.stringContaining("no keychain can be used")]);
  });

  it("[PR-11] does not wait for a keychain that asks a person, and does not hold up the start", async () => {
    const clock = createManualClock();
    const locked: Keyring = { findCredentials: never, setPassword: never, deletePassword: never };
    const opening = openSecrets(options(tempState(), { clock, loadKeyring: async () => locked }));
    while (clock.pendingTimers === 0) await nextTurn();
    await clock.advance(3000);
    const store = await opening;
    expect(store.canStore).toBe(false);
    expect(store.problem).toContain("did not answer within 3 s");
    expect(clock.pendingTimers).toBe(0);
  });

  it("keeps the old value when the keychain does not take the new one", async () => {
    const clock = createManualClock();
    const keyring = memoryKeyring();
    const store = await openSecrets(options(tempState(), { clock, loadKeyring: async () => keyring }));
    await store.set("a", "old");
    keyring.setPassword = never;
    const outcome = store.set("a", "new").then(
      () => "kept",
      (thrown: unknown) => thrown,
    );
    await clock.advance(30_000);
    expect(await outcome).toMatchObject({ code: "UNAVAILABLE" });
    expect(store.get("a")).toBe("old");
  });

  it("[PR-11] notices that the keychain of the last run is gone, and begins no file in its place", async () => {
    const stateDir = tempState();
    const env = { GATEHOUSE_SECRET_KEY: newKey() };
    const keyring = memoryKeyring();
    await (await openSecrets(options(stateDir, { env, loadKeyring: async () => keyring }))).set("a", CANARY);
    const store = await openSecrets(options(stateDir, { env }));
    expect(store).toMatchObject({ backend: "environment", canStore: false });
    expect(store.problem).toContain("the keychain that was in use before");
    expect(existsSync(secretsFilePath(stateDir))).toBe(false);
    const back = await openSecrets(options(stateDir, { env, loadKeyring: async () => keyring }));
    expect(back.get("a")).toBe(CANARY);
  });

  it("takes a key in the environment for consent to the file where there is no keychain", async () => {
    const store = await openSecrets(options(tempState(), { env: { GATEHOUSE_SECRET_KEY: newKey() } }));
    expect(store).toMatchObject({ backend: "file", canStore: true, problem: undefined });
  });
});

describe("the encrypted file", () => {
  it("[A08] makes a key file only after consent, private, and opens it by itself later", async () => {
    const stateDir = tempState();
    const store = await openSecrets(options(stateDir, { backend: "file" }));
    expect(store.canStore).toBe(false);
    expect(readdirSync(stateDir)).toEqual([]);
    await store.consentToFile();
    expect(store).toMatchObject({ backend: "file", canStore: true, problem: undefined });
    await store.set("a", CANARY);
    for (const path of [keyFilePath(stateDir), secretsFilePath(stateDir)])
      expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(filesWith(stateDir, CANARY)).toEqual([]);
    expect((await openSecrets(options(stateDir))).get("a")).toBe(CANARY);
  });

  it("refuses consent while a keychain is in use", async () => {
    const stateDir = tempState();
    const store = await openSecrets(options(stateDir, { loadKeyring: async () => memoryKeyring() }));
    await expect(store.consentToFile()).rejects.toThrow("keychain");
    expect(existsSync(keyFilePath(stateDir))).toBe(false);
  });

  async function withFile() {
    const stateDir = tempState();
    const env = { GATEHOUSE_SECRET_KEY: newKey() };
    await (await openSecrets(options(stateDir, { backend: "file", env }))).set("a", CANARY);
    return { stateDir, env, path: secretsFilePath(stateDir), bytes: readFileSync(secretsFilePath(stateDir)) };
  }

  it("[A08] refuses a wrong key and leaves the file as it is, consent or not", async () => {
    const { stateDir, path, bytes } = await withFile();
    for (const env of [{ GATEHOUSE_SECRET_KEY: newKey() }, {}]) {
      const store = await openSecrets(options(stateDir, { backend: "file", env }));
      expect(store).toMatchObject({ backend: "environment", canStore: false });
      expect(store.problem).toContain("left as it is");
      await expect(store.set("b", "x")).rejects.toMatchObject({ code: "UNAVAILABLE" });
      await expect(store.consentToFile()).rejects.toThrow("left as it is");
      expect(readFileSync(path).equals(bytes)).toBe(true);
      expect(existsSync(keyFilePath(stateDir))).toBe(false);
    }
  });

  it("[A08] refuses a file with one changed bit at any place, and leaves it as it is", async () => {
    const { stateDir, env, path, bytes } = await withFile();
    for (let at = 0; at < bytes.length; at += 5) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 1;
      writeFileSync(path, changed);
      const store = await openSecrets(options(stateDir, { backend: "file", env }));
      expect(store.canStore).toBe(false);
      expect(readFileSync(path).equals(changed)).toBe(true);
    }
    writeFileSync(path, bytes);
    expect((await openSecrets(options(stateDir, { backend: "file", env }))).get("a")).toBe(CANARY);
  });

  it("never uses a nonce twice", async () => {
    const { stateDir, env, path, bytes } = await withFile();
    await (await openSecrets(options(stateDir, { backend: "file", env }))).set("a", CANARY);
    expect(readFileSync(path).subarray(8, 20).equals(bytes.subarray(8, 20))).toBe(false);
  });

  it.each(["", "short", "a".repeat(44), Buffer.alloc(31).toString("base64"), Buffer.alloc(33).toString("base64")])(
    "says what a key must look like, without showing it: %j",
    async (key) => {
      const store = await openSecrets(options(tempState(), { backend: "file", env: { GATEHOUSE_SECRET_KEY: key } }));
      expect(store.canStore).toBe(false);
      expect(store.problem).toContain("32 bytes in base64");
      if (key.length > 5) expect(store.problem).not.toContain(key);
    },
  );
});
