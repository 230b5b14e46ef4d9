import { expect, it, vi } from "vitest";
import { silentLogger } from "#main/base/logger.ts";
import { openMemories } from "#main/channels/memory.ts";
import { readChannelMemory, writeChannelMemory } from "#main/store/channels/memory.ts";
import { createMemorySecrets } from "#test/fakes/memory-secrets.ts";
import { openStore } from "../store/open-store.ts";

const of = { channel: "whatsapp", account: "default" };
const flush = async () => {};
const log = silentLogger;

it("keeps texts over a restart, names of memory and vault apart", async () => {
  const { db } = await openStore();
  const secrets = createMemorySecrets();
  const first = await openMemories({ db, secrets, log, flush }, of);
  await first.memory.set("offset", "7");
  await first.vault.set("offset", "secret");
  const { memory, vault } = await openMemories({ db, secrets, log, flush }, of);
  expect([memory.get("offset"), vault.get("offset")]).toEqual(["7", "secret"]);
  await vault.delete("offset");
  expect([memory.get("offset"), vault.get("offset")]).toEqual(["7", undefined]);
});

it("[G01] keeps credentials encrypted: a copy of the database opens nothing, and nothing can be put in another's place", async () => {
  const { db } = await openStore();
  const secrets = createMemorySecrets();
  const { vault } = await openMemories({ db, secrets, log, flush }, of);
  await vault.set("creds", "noise-key-of-the-account");
  await vault.set("other", "something else");
  const rows = await readChannelMemory(db, of);
  expect([...rows.values()].join()).not.toContain("noise-key");
  const said = vi.fn();
  const stolen = await openMemories(
    { db, secrets: createMemorySecrets(), log: { ...silentLogger, warn: said }, flush },
    of,
  );
  expect(stolen.vault.get("creds")).toBeUndefined();
  expect(said).toHaveBeenCalledWith(expect.stringContaining("cannot be opened"), { ...of, name: "creds" });
  await writeChannelMemory(db, of, "vault:creds", rows.get("vault:other"));
  expect((await openMemories({ db, secrets, log, flush }, of)).vault.get("creds")).toBeUndefined();
});

it("[G01] keeps no credentials where there is no place for their key", async () => {
  const { db } = await openStore();
  const { vault } = await openMemories({ db, secrets: { ...createMemorySecrets(), canStore: false }, log, flush }, of);
  await expect(vault.set("creds", "x")).rejects.toThrow(/no keychain/);
  expect((await readChannelMemory(db, of)).size).toBe(0);
});

it("[G01] opens again what was kept first by several at once: they share one key", async () => {
  const { db } = await openStore();
  const secrets = createMemorySecrets();
  const { vault } = await openMemories({ db, secrets, log, flush }, of);
  await Promise.all([vault.set("creds", "noise-key"), vault.set("keys.1", "session")]);
  const next = await openMemories({ db, secrets, log, flush }, of);
  expect([next.vault.get("creds"), next.vault.get("keys.1")]).toEqual(["noise-key", "session"]);
});
