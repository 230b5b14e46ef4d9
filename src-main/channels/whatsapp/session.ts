/**
 * One connection to WhatsApp, from its first byte to its end. Must never tell anything after its end, and never show
 * the client a server that did not prove who it is.
 */
import type { AuthenticationCreds, BinaryNode, KeyPair, WASocket } from "@whiskeysockets/baileys";
import { messageOf } from "#main/base/errors.ts";
import type { InboundEvent } from "../contract.ts";
import type { Account } from "./account.ts";
import { createDelivery, type Opened } from "./delivery.ts";
import { createGroups } from "./groups.ts";
import { bareJid } from "./jid.ts";
import { catchFaults, toLibraryLog } from "./library.ts";
import { checkAccount, checkServerHello, holdUntilChecked } from "./server-identity.ts";

export interface SessionOptions extends Account {
  creds: AuthenticationCreds;
  onQr(qr: string): void;
  onOpen(): void;
  /** Told once. */
  onEnd(error: unknown): void;
}

export interface Session {
  sock: WASocket;
  readonly isOpen: boolean;
  /** Aborts when the connection ended. */
  closed: AbortSignal;
  /** Ends it at once, for a reason that `onEnd` gets. */
  end(error?: unknown): void;
}

export function openSession(options: SessionOptions): Session {
  const { library, context, creds } = options;
  const closed = new AbortController();
  let isOpen = false;
  const groups = createGroups(context.log, (jid) => sock.groupMetadata(jid));
  const delivery = createDelivery({
    ...options,
    closed: closed.signal,
    own: () => ({ id: creds.me?.id ?? "", lid: creds.me?.lid ?? "" }),
    titleOf: groups.titleOf,
    onTaken: (opened, event) => onTaken(sock, options, opened, event),
  });
  const { sock, ephemeral } = makeSocket(options, {
    makeSignalRepository: delivery.makeSignalRepository,
    cachedGroupMetadata: groups.find,
  });
  const end = (error: unknown) => {
    if (closed.signal.aborted) return;
    closed.abort();
    void sock.end(error instanceof Error ? error : undefined).catch(() => {});
    terminate(sock);
    options.onEnd(error);
  };
  catchFaults(sock.ws, (name, error) => {
    context.log.warn("the WhatsApp client failed at something that came", { reason: messageOf(error) });
    // Without its place in the stream of frames nothing after it can be read.
    if (name === "message") end(error);
  });
  holdUntilChecked(sock.ws, (frame) => checkServerHello(library, frame, ephemeral, options.rootKey), end);
  sock.ws.prependListener("CB:message", delivery.expect);
  sock.ws.on("unexpected-response", (_request: unknown, response: { statusCode?: number }) =>
    end(new Error(`WhatsApp answered ${response.statusCode}`)),
  );
  keepCreds(sock, options, { closed: closed.signal, end });
  sock.ev.on("connection.update", ({ connection, qr, lastDisconnect }) => {
    // Something may still come while it ends: it is of no account then.
    if (closed.signal.aborted) return;
    if (connection === "close") end(lastDisconnect?.error);
    else if (connection === "open") {
      isOpen = true;
      options.onOpen();
    } else if (qr !== undefined) options.onQr(qr);
  });
  sock.ev.on("group-participants.update", ({ id }) => groups.forget(id));
  sock.ev.on("groups.update", (updates) => updates.forEach(({ id }) => groups.forget(id)));
  return {
    sock,
    closed: closed.signal,
    get isOpen() {
      return isOpen && !closed.signal.aborted;
    },
    end,
  };
}

/** Makes the client's socket, and learns the key pair that it makes for this one connection. */
function makeSocket(
  { library, context, creds, keyring, recent, webSocketUrl }: SessionOptions,
  parts: Pick<Parameters<typeof library.makeWASocket>[0], "makeSignalRepository" | "cachedGroupMetadata">,
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
      ...parts,
      ...(webSocketUrl === undefined ? {} : { waWebSocketUrl: webSocketUrl }),
      auth: { creds, keys: keyring.keys },
      browser: library.Browsers.ubuntu("Chrome"),
      logger: toLibraryLog(context.log),
      syncFullHistory: false,
      shouldSyncHistoryMessage: () => false,
      markOnlineOnConnect: false,
      emitOwnEvents: false,
      transactionOpts: { maxCommitRetries: 3, delayBetweenTriesMs: 200 },
      getMessage: async ({ id }) => recent.sent(id ?? ""),
    });
    return { sock, ephemeral: ephemeral ?? generate() };
  } finally {
    Curve.generateKeyPair = generate;
  }
}

function keepCreds(
  sock: WASocket,
  { library, creds, keyring }: SessionOptions,
  { closed, end }: Pick<Session, "closed" | "end">,
): void {
  sock.ev.on("creds.update", (update) => {
    if (closed.aborted) return;
    try {
      if (update.account !== undefined) checkAccount(library, { ...creds, ...update });
      keyring.save(Object.assign(creds, update));
    } catch (error) {
      // Before the client answers the phone: it sends its part of the link only after this.
      delete creds.account;
      end(error);
    }
  });
}

/** Once a message is durable: kept for quotes and reactions, and shown to its writer as read. */
function onTaken(
  sock: WASocket,
  { context, recent }: SessionOptions,
  { key, message }: Opened,
  event: InboundEvent,
): void {
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
