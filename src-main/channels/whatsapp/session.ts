/**
 * One connection to WhatsApp, from its first byte to its end. Must never tell anything after `end`, and never show the
 * client a server that did not prove who it is.
 */
import type { AuthenticationCreds, BinaryNode, KeyPair, WASocket } from "@whiskeysockets/baileys";
import { messageOf } from "#main/base/errors.ts";
import type { Lane } from "#main/base/lane.ts";
import type { ChannelContext, InboundEvent } from "../contract.ts";
import { createDelivery, type Delivery, type Opened } from "./delivery.ts";
import { createGroups, type Groups } from "./groups.ts";
import { bareJid } from "./jid.ts";
import type { Keyring } from "./keyring.ts";
import { catchFaults, toLibraryLog, type Library } from "./library.ts";
import type { RecentMessages } from "./recent.ts";
import { checkAccount, checkServerHello, holdUntilChecked } from "./server-identity.ts";

export interface SessionOptions {
  library: Library;
  context: ChannelContext;
  creds: AuthenticationCreds;
  keyring: Keyring;
  lane: Lane;
  recent: RecentMessages;
  /** Absent: WhatsApp's. */
  webSocketUrl: string | undefined;
  /** Public key that the servers' certificates lead to, 32 bytes. */
  rootKey: Uint8Array;
  onQr(qr: string): void;
  onOpen(): void;
  /** Told once, unless `end` was called before. */
  onEnd(error: unknown): void;
}

export interface Session {
  sock: WASocket;
  /** Our own bare address. */
  readonly jid: string;
  readonly isOpen: boolean;
  /** Aborts when the connection ended. */
  closed: AbortSignal;
  /** Waits for the platform's answer to a message of ours; to be asked for before it is sent. */
  acknowledgementOf(id: string): { answer: Promise<BinaryNode>; forget(): void };
  /** Ends it for a reason of ours, which `onEnd` gets. */
  fail(error: unknown): void;
  /** Ends it at once, and says nothing more. */
  end(): void;
}

export function openSession(options: SessionOptions): Session {
  const { library, context, creds, keyring, lane } = options;
  const closed = new AbortController();
  const answers = new Map<string, (node: BinaryNode) => void>();
  let isOpen = false;
  let isSilent = false;

  const jidOf = (jid: string | undefined) => bareJid(jid) ?? "";
  const own = () => {
    const { id = "", lid = "" } = creds.me ?? {};
    return { id, lid, jids: new Set([jidOf(id), jidOf(lid)].filter((jid) => jid !== "")) };
  };
  const groups = createGroups(context, (jid) => sock.groupMetadata(jid));
  const delivery = createDelivery({
    library,
    context,
    keyring,
    lane,
    closed: closed.signal,
    own,
    titleOf: groups.titleOf,
    onTaken: (received, event) => onTaken(sock, options, received, event),
  });
  const { sock, ephemeral } = makeSocket(options, delivery, groups);
  const finish = (error: unknown) => {
    if (closed.signal.aborted) return;
    isOpen = false;
    closed.abort();
    answers.clear();
    terminate(sock);
    if (!isSilent) options.onEnd(error);
  };
  const check = (frame: Uint8Array) => checkServerHello(library, frame, ephemeral, options.rootKey);
  const fail = (error: unknown) => {
    void sock.end(error instanceof Error ? error : undefined).catch(() => {});
    finish(error);
  };
  catchFaults(sock.ws, (name, error) => {
    context.log.warn("the WhatsApp client failed at something that came", { reason: messageOf(error) });
    // Without its place in the stream of frames nothing after it can be read.
    if (name === "message") fail(error);
  });
  holdUntilChecked(sock.ws, check, fail);
  sock.ws.prependListener("CB:message", (stanza: BinaryNode) => delivery.expect(stanza));
  sock.ws.on("CB:ack,class:message", (node: BinaryNode) => answers.get(node.attrs["id"] ?? "")?.(node));
  sock.ws.on("unexpected-response", (_request: unknown, response: { statusCode?: number }) =>
    fail(new Error(`WhatsApp answered ${response.statusCode}`)),
  );
  listen(sock, options, {
    closed: closed.signal,
    forgetGroup: groups.forget,
    fail,
    finish,
    opened: () => (isOpen = true),
  });
  return {
    sock,
    closed: closed.signal,
    get jid() {
      return jidOf(creds.me?.id);
    },
    get isOpen() {
      return isOpen;
    },
    acknowledgementOf(id) {
      const answer = new Promise<BinaryNode>((resolve) => answers.set(id, resolve));
      return { answer, forget: () => void answers.delete(id) };
    },
    fail,
    end() {
      isSilent = true;
      fail(undefined);
    },
  };
}

/** Makes the client's socket, and learns the key pair that it makes for this one connection. */
function makeSocket(
  { library, context, creds, keyring, recent, webSocketUrl }: SessionOptions,
  delivery: Delivery,
  groups: Groups,
): { sock: WASocket; ephemeral: KeyPair } {
  const { Curve } = library;
  const generate = Curve.generateKeyPair;
  let ephemeral: KeyPair | undefined;
  // The client keeps this key to itself, and without it nobody can read the server's certificate. It is the first that
  // is made; were it another one, no greeting could be opened and every server would be refused.
  Curve.generateKeyPair = () => {
    const made = generate();
    ephemeral ??= made;
    return made;
  };
  try {
    const sock = library.makeWASocket({
      ...(webSocketUrl === undefined ? {} : { waWebSocketUrl: webSocketUrl }),
      auth: { creds, keys: keyring.keys },
      browser: library.Browsers.ubuntu("Chrome"),
      logger: toLibraryLog(context.log),
      syncFullHistory: false,
      shouldSyncHistoryMessage: () => false,
      markOnlineOnConnect: false,
      emitOwnEvents: false,
      transactionOpts: { maxCommitRetries: 3, delayBetweenTriesMs: 200 },
      makeSignalRepository: delivery.makeSignalRepository,
      getMessage: async (key) => recent.sent(key.id ?? "")?.message,
      cachedGroupMetadata: groups.find,
    });
    return { sock, ephemeral: ephemeral ?? generate() };
  } finally {
    Curve.generateKeyPair = generate;
  }
}

interface Handlers {
  closed: AbortSignal;
  forgetGroup(jid: string): void;
  fail(error: unknown): void;
  finish(error: unknown): void;
  opened(): void;
}

function listen(sock: WASocket, options: SessionOptions, handlers: Handlers): void {
  const { library, creds, keyring } = options;
  const { ev } = sock;
  // Something may still come while it ends: it is of no account then.
  ev.on("creds.update", (update) => {
    if (handlers.closed.aborted) return;
    try {
      if (update.account !== undefined) checkAccount(library, { ...creds, ...update });
      keyring.save(Object.assign(creds, update));
    } catch (error) {
      // Before the client answers the phone: it sends its part of the link only after this.
      delete creds.account;
      handlers.fail(error);
    }
  });
  ev.on("connection.update", ({ connection, qr, lastDisconnect }) => {
    if (handlers.closed.aborted) return;
    if (connection === "close") handlers.finish(lastDisconnect?.error);
    else if (connection === "open") {
      handlers.opened();
      options.onOpen();
    } else if (qr !== undefined) options.onQr(qr);
  });
  ev.on("group-participants.update", ({ id }) => handlers.forgetGroup(id));
  ev.on("groups.update", (updates) => updates.forEach(({ id }) => id !== undefined && handlers.forgetGroup(id)));
}

/** Once a message is durable: kept for quotes and reactions, and shown to its writer as read. */
function onTaken(sock: WASocket, options: SessionOptions, { key, message }: Opened, event: InboundEvent): void {
  const { context, recent } = options;
  if (event.type !== "message") return;
  const author = bareJid(key.participant ?? key.remoteJid) ?? event.sender.id;
  recent.add(event.chat.id, event.platformId, { fromMe: false, author, message });
  sock
    .readMessages([key])
    .catch((error: unknown) =>
      context.log.debug("a WhatsApp message was not marked as read", { reason: messageOf(error) }),
    );
}

/** The client waits half a minute for the other side to agree that it is over. */
function terminate({ ws }: WASocket): void {
  const { socket } = ws as unknown as { socket?: { terminate?(): void } | null };
  socket?.terminate?.();
}
