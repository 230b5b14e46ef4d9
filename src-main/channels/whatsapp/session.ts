/**
 * One connection to WhatsApp, from its first byte to its end. Must never tell anything after its end, and never show
 * the client a server that did not prove who it is.
 */
import type {
  AuthenticationCreds,
  GroupMetadata,
  KeyPair,
  UserFacingSocketConfig,
  WASocket,
} from "@whiskeysockets/baileys";
import { messageOf } from "#main/base/errors.ts";
import type { Account } from "./account.ts";
import { createDelivery } from "./delivery.ts";
import { catchFaults, toLibraryLog } from "./library.ts";
import { checkAccount, checkServerHello, holdUntilChecked } from "./server-identity.ts";

interface SessionOptions extends Account {
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
  const groups = createGroups((jid) => sock.groupMetadata(jid));
  const delivery = createDelivery({
    ...options,
    closed: closed.signal,
    titleOf: groups.titleOf,
    markRead: (key) => void sock.readMessages([key]).catch(() => {}),
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
  // Something may still come while it ends: it is of no account then.
  sock.ev.on("creds.update", (update) => {
    if (closed.signal.aborted) return;
    try {
      if (update.account !== undefined) checkAccount(library, { ...creds, ...update });
      options.keyring.save(Object.assign(creds, update));
    } catch (error) {
      // Before the client answers the phone: it sends its part of the link only after this.
      delete creds.account;
      end(error);
    }
  });
  sock.ev.on("connection.update", ({ connection, qr, lastDisconnect }) => {
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
  parts: Pick<UserFacingSocketConfig, "makeSignalRepository" | "cachedGroupMetadata">,
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

/** Groups, asked for once per connection and after each change: the platform limits how often it may be asked. */
function createGroups(ask: (jid: string) => Promise<GroupMetadata>) {
  const groups = new Map<string, Promise<GroupMetadata | undefined>>();
  const titles = new Map<string, string>();
  const find = (jid: string): Promise<GroupMetadata | undefined> => {
    const found = groups.get(jid) ?? ask(jid).catch(() => undefined);
    groups.set(jid, found);
    return found;
  };
  return {
    find,
    forget: (jid: string | undefined) => void groups.delete(jid ?? ""),
    /** For display. Where it is not known it is asked for behind: no message waits for it. */
    titleOf(jid: string): string | undefined {
      void find(jid).then((group) => group && titles.set(jid, group.subject));
      return titles.get(jid);
    },
  };
}

/** The client waits half a minute for the other side to agree that it is over. */
function terminate({ ws }: WASocket): void {
  const { socket } = ws as unknown as { socket?: { terminate?(): void } | null };
  socket?.terminate?.();
}
