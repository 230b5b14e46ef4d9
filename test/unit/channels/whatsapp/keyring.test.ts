/** Credentials and keys in the vault: kept before they are used, found again, thrown away whole. */
import * as library from "@whiskeysockets/baileys";
import { describe, expect, it } from "vitest";
import { silentLogger } from "#main/base/logger.ts";
import type { ChannelMemory } from "#main/channels/contract.ts";
import { createKeyring } from "#main/channels/whatsapp/keyring.ts";
import { createMemory } from "#test/fakes/channel-context.ts";

const open = (vault: ChannelMemory) => createKeyring(library, vault, silentLogger);
const linkedCreds = () => ({
  ...library.initAuthCreds(),
  account: { details: Buffer.from([1]) },
  me: { id: "1:2@s.whatsapp.net" },
});

describe("keys", () => {
  it("come back as they were, in another process too", async () => {
    const vault = createMemory();
    const pair = library.Curve.generateKeyPair();
    await open(vault).keys.set({
      "pre-key": { "1": pair, "2": pair },
      session: { "15552223333.0": Buffer.from([1, 2, 255]), __proto__x: Buffer.from([3]) },
      "device-list": { "1": ["0", "7"] },
      "lid-mapping": { "1": "2" },
      "app-state-sync-key": {
        "1": library.proto.Message.AppStateSyncKeyData.fromObject({ keyData: Buffer.from([9]) }),
      },
    });
    const { keys } = open(vault);
    expect((await keys.get("app-state-sync-key", ["1"]))["1"]?.keyData).toEqual(Buffer.from([9]));
    const found = await keys.get("pre-key", ["1", "2", "3"]);
    expect(Object.keys(found)).toEqual(["1", "2"]);
    expect(found["1"]?.private).toEqual(pair.private);
    expect((await keys.get("session", ["15552223333.0"]))["15552223333.0"]).toEqual(Buffer.from([1, 2, 255]));
    expect(await keys.get("device-list", ["1"])).toEqual({ "1": ["0", "7"] });
    await keys.set({ "pre-key": { "1": null } });
    expect(Object.keys(await keys.get("pre-key", ["1", "2"]))).toEqual(["2"]);
  });

  it("are not in memory when they could not be written", async () => {
    const vault = createMemory();
    const { keys } = open({ ...vault, set: () => Promise.reject(new Error("the disk is full")) });
    await expect(keys.set({ "lid-mapping": { a: "b" } })).rejects.toThrow("the disk is full");
    expect(await keys.get("lid-mapping", ["a"])).toEqual({});
  });

  it("are handed out as copies: what the client changes in its hand is not kept", async () => {
    const { keys } = open(createMemory());
    await keys.set({ "sender-key-memory": { g: { a: true } } });
    const first = (await keys.get("sender-key-memory", ["g"]))["g"];
    if (first) first["b"] = true;
    expect(await keys.get("sender-key-memory", ["g"])).toEqual({ g: { a: true } });
  });

  it("take ids from outside for ids, whatever they are called", async () => {
    const { keys } = open(createMemory());
    expect(await keys.get("lid-mapping", ["__proto__", "constructor", "toString"])).toEqual({});
  });

  it("begin empty where the vault does not read", async () => {
    const entries = new Map<string, string>();
    await open(createMemory(entries)).keys.set({ "lid-mapping": { a: "b" } });
    for (const name of entries.keys()) entries.set(name, "{half");
    expect(await open(createMemory(entries)).keys.get("lid-mapping", ["a"])).toEqual({});
  });
});

describe("credentials", () => {
  it("are kept only once they are linked, with the ones before them beside", async () => {
    const entries = new Map<string, string>();
    const keyring = open(createMemory(entries));
    keyring.save(await keyring.begin());
    await keyring.saved();
    expect(entries.size).toBe(0);
    const creds = linkedCreds();
    keyring.save(creds);
    keyring.save({ ...creds, nextPreKeyId: 9 });
    await keyring.saved();
    keyring.save({ ...creds, nextPreKeyId: 10 });
    await keyring.saved();
    const again = open(createMemory(entries)).creds;
    expect(again?.nextPreKeyId).toBe(10);
    expect(again?.noiseKey).toEqual(creds.noiseKey);
    expect(entries.get("creds.bak")).toContain('"nextPreKeyId":9');
  });

  it("are written again by whoever needs them durable, after a write that failed", async () => {
    const entries = new Map<string, string>();
    const memory = createMemory(entries);
    let failures = 2;
    const set: ChannelMemory["set"] = (name, value) =>
      failures-- > 0 ? Promise.reject(new Error("the disk is full")) : memory.set(name, value);
    const keyring = open({ ...memory, set });
    keyring.save(linkedCreds());
    await expect(keyring.saved()).rejects.toThrow("the disk is full");
    await keyring.saved();
    expect(entries.has("creds")).toBe(true);
  });

  it("are forgotten with all keys, and an old connection writes nothing any more", async () => {
    const entries = new Map<string, string>();
    const keyring = open(createMemory(entries));
    keyring.save(linkedCreds());
    const old = keyring.keys;
    await old.set({ session: { a: Buffer.from([1]) }, "pre-key": { "1": library.Curve.generateKeyPair() } });
    await keyring.forget();
    await old.set({ session: { b: Buffer.from([1]) } });
    expect([...entries.keys()]).toEqual([]);
    expect(keyring.creds).toBeUndefined();
  });
});
