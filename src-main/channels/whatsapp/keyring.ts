/**
 * What WhatsApp gave us and what the conversations are encrypted with, in the encrypted vault: `creds` with the one
 * before it as `creds.bak`, and the Signal keys in a fixed number of drawers, so that they can be thrown away without a
 * list of them. Must never show what is not yet durable.
 */
import { hash } from "node:crypto";
import type { AuthenticationCreds, SignalDataSet, SignalDataTypeMap, SignalKeyStore } from "@whiskeysockets/baileys";
import { messageOf } from "#main/base/errors.ts";
import { Lane } from "#main/base/lane.ts";
import type { Logger } from "#main/base/logger.ts";
import type { ChannelMemory } from "../contract.ts";
import type { Library } from "./library.ts";

/** With some hundred contacts a drawer holds a few sessions: that much is written anew with each message. */
const DRAWERS = 256;

export type Keyring = ReturnType<typeof createKeyring>;

export function createKeyring(library: Library, vault: ChannelMemory, log: Logger) {
  const { replacer } = library.BufferJSON;
  const lane = new Lane();
  let creds = loadCreds(library, vault, log);
  let written = creds && JSON.stringify(creds, replacer);
  let wanted = written;
  let keys = createKeyStore(library, vault, log);

  const clear = async (names: readonly string[]) => {
    for (const name of names) if (vault.get(name) !== undefined) await vault.delete(name);
  };
  /** Whoever still holds the store of an older link writes nothing any more. */
  const renewKeys = async () => {
    await keys.retire();
    keys = createKeyStore(library, vault, log);
    await clear(Array.from({ length: DRAWERS }, (_, drawer) => `keys.${drawer}`));
  };
  const write = () =>
    lane.run(async () => {
      const text = wanted;
      if (text === undefined || text === written) return;
      if (written !== undefined) await vault.set("creds.bak", written);
      await vault.set("creds", text);
      written = text;
    });
  return {
    /** Of a linked account. */
    get creds(): AuthenticationCreds | undefined {
      return creds;
    },
    get keys(): SignalKeyStore {
      return keys;
    },
    /** New credentials, held in memory until they are linked; the keys of an older link are thrown away. */
    async begin(): Promise<AuthenticationCreds> {
      await renewKeys();
      return library.initAuthCreds();
    },
    /** Queues a write. Half-made ones of a link that never comes about are worth nothing. */
    save(next: AuthenticationCreds): void {
      if (!isLinked(next)) return;
      creds = next;
      wanted = JSON.stringify(next, replacer);
      write().catch((error: unknown) =>
        log.error("the WhatsApp credentials were not kept", { reason: messageOf(error) }),
      );
    },
    /** Resolves when all that was given to `save` is durable; tries again what failed. */
    saved: write,
    async forget(): Promise<void> {
      wanted = undefined;
      await lane.run(async () => {
        creds = undefined;
        written = undefined;
        await clear(["creds", "creds.bak"]);
      });
      await renewKeys();
    },
  };
}

type Drawer = Map<string, unknown>;

function createKeyStore({ BufferJSON, proto }: Library, vault: ChannelMemory, log: Logger) {
  const { AppStateSyncKeyData } = proto.Message;
  const lane = new Lane();
  let isRetired = false;
  /** Parsed anew for each call: the client changes what it gets before it is written. */
  const open = (opened: Map<string, Drawer>, key: string): Drawer => {
    const name = `keys.${hash("sha256", key, "buffer").readUInt8() % DRAWERS}`;
    const drawer = opened.get(name) ?? readDrawer(name);
    opened.set(name, drawer);
    return drawer;
  };
  const readDrawer = (name: string): Drawer => {
    try {
      return new Map(JSON.parse(vault.get(name) ?? "[]", BufferJSON.reviver) as [string, unknown][]);
    } catch {
      log.warn("WhatsApp keys in the vault do not read; their conversations are encrypted anew", { name });
      return new Map();
    }
  };
  const change = async (entries: readonly (readonly [key: string, value: unknown])[]) => {
    const opened = new Map<string, Drawer>();
    for (const [key, value] of entries) {
      if (value == null) open(opened, key).delete(key);
      else open(opened, key).set(key, value);
    }
    for (const [name, drawer] of opened) await vault.set(name, JSON.stringify([...drawer], BufferJSON.replacer));
  };
  return {
    async get<T extends keyof SignalDataTypeMap>(type: T, ids: string[]) {
      const opened = new Map<string, Drawer>();
      const found: Record<string, SignalDataTypeMap[T]> = {};
      for (const id of ids) {
        const key = `${type}:${id}`;
        const value = open(opened, key).get(key);
        // The library writes this one with its bytes as text (`toJSON` of its schema).
        const revived = value && type === "app-state-sync-key" ? AppStateSyncKeyData.fromObject(value) : value;
        if (revived !== undefined) found[id] = revived as SignalDataTypeMap[T];
      }
      return found;
    },
    set: (data: SignalDataSet) =>
      lane.run(async () => {
        if (isRetired) return;
        const entries = Object.entries(data).flatMap(([type, values]) =>
          Object.entries(values ?? {}).map(([id, value]: [string, unknown]) => [`${type}:${id}`, value] as const),
        );
        // A session must be durable before the one-time key that began it is gone.
        await change(entries.filter(([, value]) => value != null));
        await change(entries.filter(([, value]) => value == null));
      }),
    retire: () => lane.run(async () => void (isRetired = true)),
  };
}

/** Linked: the account signed our key. */
export function isLinked(creds: AuthenticationCreds): boolean {
  return creds.account != null && typeof creds.me?.id === "string";
}

function loadCreds(library: Library, vault: ChannelMemory, log: Logger): AuthenticationCreds | undefined {
  for (const name of ["creds", "creds.bak"]) {
    const text = vault.get(name);
    if (text === undefined) continue;
    try {
      const creds = JSON.parse(text, library.BufferJSON.reviver) as AuthenticationCreds;
      if (isLinked(creds) && creds.noiseKey.private.length === 32) return creds;
    } catch {
      // Said below.
    }
    log.warn("WhatsApp credentials in the vault do not read", { name });
  }
  return undefined;
}
