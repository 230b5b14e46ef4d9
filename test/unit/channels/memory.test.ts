import { expect, it } from "vitest";
import { openMemories } from "#main/channels/memory.ts";
import { readChannelMemory, writeChannelMemory } from "#main/store/channels/memory.ts";
import { createMemorySecrets } from "#test/fakes/memory-secrets.ts";
import { openStore } from "../store/open-store.ts";

const of = { channel: "whatsapp", account: "default" };
const flush = async () => {};

it("keeps texts over a restart, names of memory and vault apart", async () => {
  const { db } = await openStore();
  const secrets = createMemorySecrets();
  const first = await openMemories({ db, secrets, flush }, of);
  await first.memory.set("offset", "7");
  await first.vault.set("offset", "secret");
  const { memory, vault } = await openMemories({ db, secrets, flush }, of);
  expect([memory.get("offset"), vault.get("offset")]).toEqual(["7", "secret"]);
  await vault.delete("offset");
  expect([memory.get("offset"), vault.get("offset")]).toEqual(["7", undefined]);
});

it("[G01] keeps credentials encrypted: a copy of the database opens nothing, and nothing can be put in another's place", async () => {
  const { db } = await openStore();
  const secrets = createMemorySecrets();
  const { vault } = await openMemories({ db, secrets, flush }, of);
  await vault.set("creds", "noise-key-of-the-account");
  await vault.set("other", "something else");
  const rows = await readChannelMemory(db, of);
  expect([...rows.values()].join()).not.toContain("noise-key");
  const stolen = await openMemories({ db, secrets: createMemorySecrets(), flush }, of);
  expect(stolen.vault.get("creds")).toBeUndefined();
  await writeChannelMemory(db, of, "vault:creds", rows.get("vault:other"));
  expect((await openMemories({ db, secrets, flush }, of)).vault.get("creds")).toBeUndefined();
});

it("[G01] keeps no credentials where there is no place for their key", async () => {
  const { db } = await openStore();
  const { vault } = await openMemories({ db, secrets: { ...createMemorySecrets(), canStore: false }, flush }, of);
  await expect(vault.set("creds", "x")).rejects.toThrow(/no keychain/);
  expect((await readChannelMemory(db, of)).size).toBe(0);
});
