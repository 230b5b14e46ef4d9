/**
 * What WhatsApp gave us and what the conversations are encrypted with, in the encrypted vault: `creds` with the one
 * before it as `creds.bak`, and the Signal keys in a fixed number of drawers, so that they can be thrown away without a
 * list of them. Must never hold in memory what is not yet durable.
 */
import type { AuthenticationCreds, SignalDataSet, SignalDataTypeMap, SignalKeyStore } from "@whiskeysockets/baileys";
import { messageOf } from "#main/base/errors.ts";
import { Lane } from "#main/base/lane.ts";
import type { Logger } from "#main/base/logger.ts";
import type { ChannelMemory } from "../contract.ts";
import type { Library } from "./library.ts";

/** One-time keys come last: a session must be durable before the key that began it is gone. */
const TYPES: readonly (keyof SignalDataTypeMap)[] = [
  "session",
  "sender-key",
  "sender-key-memory",
  "identity-key",
  "lid-mapping",
  "device-list",
  "tctoken",
  "app-state-sync-key",
  "app-state-sync-version",
  "pre-key",
];
/** With some hundred contacts a drawer holds a few sessions: that much is written anew with each message. */
const DRAWERS = 64;

export interface Keyring {
  /** Of a linked account. */
  readonly creds: AuthenticationCreds | undefined;
  readonly keys: SignalKeyStore;
  /** New credentials, held in memory until they are linked; the keys of an older link are thrown away. */
  begin(): Promise<AuthenticationCreds>;
  /** Queues a write, for a linked account. */
  save(creds: AuthenticationCreds): void;
  /** Resolves when all that was given to `save` is durable; tries again what failed. */
  saved(): Promise<void>;
  forget(): Promise<void>;
}

export function createKeyring(library: Library, vault: ChannelMemory, log: Logger): Keyring {
  const lane = new Lane();
  let store = createKeyStore(library, vault, log);
  let creds = loadCreds(library, vault, log);
  let written = creds && serialise(library, creds);
  let wanted = written;

  const write = () =>
    lane.run(async () => {
      while (wanted !== undefined && wanted !== written) {
        const text = wanted;
        if (written !== undefined) await vault.set("creds.bak", written);
        await vault.set("creds", text);
        written = text;
      }
    });
  /** The store of an older link is emptied, and whoever still holds it writes nothing any more. */
  const renew = async () => {
    const old = store;
    store = createKeyStore(library, vault, log);
    await old.retire();
  };
  const forget = async () => {
    wanted = undefined;
    await lane.run(async () => {
      creds = undefined;
      written = undefined;
      await vault.delete("creds");
      await vault.delete("creds.bak");
    });
    await renew();
  };
  return {
    get creds() {
      return creds;
    },
    get keys() {
      return store;
    },
    async begin() {
      await renew();
      return library.initAuthCreds();
    },
    save(next) {
      // Half-made ones of a link that never comes about are worth nothing.
      if (!isLinked(next)) return;
      creds = next;
      wanted = serialise(library, next);
      write().catch((error: unknown) =>
        log.error("the WhatsApp credentials were not kept", { reason: messageOf(error) }),
      );
    },
    saved: write,
    forget,
  };
}

function serialise({ BufferJSON }: Library, value: unknown): string {
  return JSON.stringify(value, BufferJSON.replacer);
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

type Drawer = Record<string, string>;

interface RetirableKeyStore extends SignalKeyStore {
  retire(): Promise<void>;
}

function createKeyStore(library: Library, vault: ChannelMemory, log: Logger): RetirableKeyStore {
  const lane = new Lane();
  let isRetired = false;
  const drawers = new Map<string, Drawer>();
  const drawerOf = (name: string): Drawer => {
    const known = drawers.get(name) ?? readDrawer(vault.get(name), name, log);
    drawers.set(name, known);
    return known;
  };
  return {
    async get<T extends keyof SignalDataTypeMap>(type: T, ids: string[]) {
      const found: Record<string, SignalDataTypeMap[T]> = {};
      for (const id of ids) {
        const text = drawerOf(drawerName(type, id))[id];
        // Parsed anew each time: the client changes what it gets before it is written.
        if (text !== undefined) found[id] = revive(library, type, text);
      }
      return found;
    },
    set: (data) =>
      lane.run(async () => {
        if (isRetired) return;
        for (const [name, changed] of changedDrawers(library, data, drawerOf)) {
          await vault.set(name, JSON.stringify(changed));
          drawers.set(name, changed);
        }
      }),
    retire: () =>
      lane.run(async () => {
        isRetired = true;
        drawers.clear();
        for (const type of TYPES) {
          for (let i = 0; i < DRAWERS; i++) {
            const name = `keys.${type}.${i}`;
            if (vault.get(name) !== undefined) await vault.delete(name);
          }
        }
      }),
  };
}

function changedDrawers(
  library: Library,
  data: SignalDataSet,
  drawerOf: (name: string) => Drawer,
): Map<string, Drawer> {
  const changed = new Map<string, Drawer>();
  for (const type of TYPES) {
    for (const [id, value] of Object.entries(data[type] ?? {})) {
      const name = drawerName(type, id);
      const drawer = changed.get(name) ?? copyOf(drawerOf(name));
      if (value == null) delete drawer[id];
      else drawer[id] = serialise(library, value);
      changed.set(name, drawer);
    }
  }
  return changed;
}

function revive<T extends keyof SignalDataTypeMap>(library: Library, type: T, text: string): SignalDataTypeMap[T] {
  const value = JSON.parse(text, library.BufferJSON.reviver) as SignalDataTypeMap[T];
  if (type !== "app-state-sync-key") return value;
  return library.proto.Message.AppStateSyncKeyData.fromObject(value as object) as unknown as SignalDataTypeMap[T];
}

function readDrawer(text: string | undefined, name: string, log: Logger): Drawer {
  try {
    return copyOf(JSON.parse(text ?? "{}") as Drawer);
  } catch {
    log.warn("WhatsApp keys in the vault do not read; their conversations are encrypted anew", { name });
    return copyOf({});
  }
}

/** Without a prototype: ids come from outside. */
function copyOf(drawer: Drawer): Drawer {
  return Object.assign(Object.create(null) as Drawer, drawer);
}

/** FNV-1a: spreads ids evenly, the same in every process. */
function drawerName(type: string, id: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193) >>> 0;
  return `keys.${type}.${hash % DRAWERS}`;
}
