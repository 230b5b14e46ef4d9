/**
 * Where a message is taken in. The client answers "delivered" right after it decrypted a message, before it tells of it;
 * so the message is handed over inside the decryption: first it is durable with us, then the ratchet of its conversation
 * moves on, then the platform hears that we have it. A failure between leaves all as it was, and it comes again.
 *
 * Must never let the ratchet move on before `receive` resolved, and never write to one conversation twice at a time.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import type {
  AuthenticationCreds,
  BinaryNode,
  SignalKeyStoreWithTransaction,
  SocketConfig,
  WAMessage,
  WAMessageKey,
  proto,
} from "@whiskeysockets/baileys";
import { backoffMs } from "#main/base/backoff.ts";
import { sleep } from "#main/base/clock.ts";
import { messageOf } from "#main/base/errors.ts";
import type { InboundEvent } from "../contract.ts";
import type { Account } from "./account.ts";
import { toInbound } from "./inbound.ts";
import { bareJid, isGroupJid } from "./jid.ts";
import { verifyXeddsa } from "./server-identity.ts";

const PAUSE = { firstMs: 1000, maxMs: 60_000 };

type MakeRepository = SocketConfig["makeSignalRepository"];
type Repository = ReturnType<MakeRepository>;
/** A decrypted message with its envelope. */
type Opened = WAMessage & { message: proto.IMessage };

/** What a delivery needs of the connection that it came over. */
interface DeliveryOptions extends Account {
  /** Aborts when the connection ended. */
  closed: AbortSignal;
  creds: AuthenticationCreds;
  titleOf(groupJid: string): string | undefined;
  markRead(key: WAMessageKey): void;
}

export function createDelivery(options: DeliveryOptions) {
  const { library, context, lane, recent, creds, closed } = options;
  const envelopes = new WeakMap<Uint8Array, BinaryNode>();
  // The client knows by the asynchronous context whether it is in a transaction. What we call from inside of one, and
  // all that follows from it later, must not believe that it still is.
  const runOutside = AsyncLocalStorage.snapshot();

  const deliver = async (ciphertext: Uint8Array, plain: Uint8Array, repository: Repository): Promise<void> => {
    const stanza = envelopes.get(ciphertext);
    for (const opened of (stanza && orDrop(options, () => open(options, stanza, plain))) ?? []) {
      const { key, messageTimestamp } = opened;
      const chatJid = key.remoteJid ?? "";
      const author = bareJid(key.participant ?? chatJid) ?? "";
      const received = {
        ...opened,
        at: Number(messageTimestamp) * 1000 || context.clock.now(),
        // The number behind a hidden address, where an earlier envelope told it.
        phoneJid: author.endsWith("@lid") ? await repository.lidMapping.getPNForLID(author) : undefined,
        title: isGroupJid(chatJid) ? runOutside(() => options.titleOf(chatJid)) : undefined,
      };
      const own = new Set([creds.me?.id, creds.me?.lid].flatMap((jid) => bareJid(jid) ?? []));
      const event = orDrop(options, () => toInbound(received, own));
      if (event === undefined) continue;
      await runOutside(() => take(options, event));
      if (event.type !== "message") continue;
      recent.add(event.chat.id, event.platformId, { fromMe: false, author, message: opened.message });
      runOutside(() => options.markRead(key));
    }
  };
  return {
    /** Notes the envelope of a message; must be called before the client sees it. */
    expect(stanza: BinaryNode): void {
      if (!Array.isArray(stanza.content)) return;
      for (const { content } of stanza.content) if (content instanceof Uint8Array) envelopes.set(content, stanza);
    },
    makeSignalRepository: ((auth, logger, findLids) => {
      const repository = library.DEFAULT_CONNECTION_CONFIG.makeSignalRepository(auth, logger, findLids);
      const keys = auth.keys as SignalKeyStoreWithTransaction;
      const decrypt = (conversation: string, ciphertext: Uint8Array, work: () => Promise<Uint8Array>) =>
        lane.run(() =>
          keys.transaction(async () => {
            closed.throwIfAborted();
            const plain = await work();
            await deliver(ciphertext, plain, repository);
            return plain;
          }, conversation),
        );
      return {
        ...repository,
        decryptMessage: (call) => decrypt(call.jid, call.ciphertext, () => repository.decryptMessage(call)),
        decryptGroupMessage: (call) => decrypt(call.group, call.msg, () => repository.decryptGroupMessage(call)),
        // The library below skips this check for a first message. Without its session the device gets nothing.
        async injectE2ESession(call) {
          const { identityKey, signedPreKey } = call.session;
          if (!verifyXeddsa(identityKey, signedPreKey.publicKey, signedPreKey.signature)) {
            return context.log.warn("a WhatsApp device's key is not signed by its owner: it is left out");
          }
          return repository.injectE2ESession(call);
        },
      };
    }) satisfies MakeRepository,
  };
}

/** Tries until it is durable, or until the connection ends: then it comes again. */
async function take({ context, keyring, closed }: DeliveryOptions, event: InboundEvent): Promise<void> {
  for (let failures = 1; ; failures++) {
    closed.throwIfAborted();
    try {
      await keyring.saved();
      return await context.receive(event);
    } catch (error) {
      context.log.warn("a WhatsApp message was not kept; it is tried again", { reason: messageOf(error) });
    }
    await sleep(context.clock, backoffMs(failures, PAUSE, context.random), closed);
  }
}

/** For what a person, a hostile one included, may have made. */
function orDrop<T>({ context }: DeliveryOptions, read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    context.log.warn("a WhatsApp message makes no sense and was dropped", { reason: messageOf(error) });
    return undefined;
  }
}

/**
 * Envelope and content of a decrypted message. From the account's own phone come those of others that the client asked
 * it for, since it could not decrypt them; what was written there itself is not for us.
 */
function open({ library, creds }: DeliveryOptions, stanza: BinaryNode, plain: Uint8Array): Opened[] {
  const { decodeMessageNode, proto, unpadRandomMax16 } = library;
  const { fullMessage } = decodeMessageNode(stanza, creds.me?.id ?? "", creds.me?.lid ?? "");
  const message = proto.Message.decode(unpadRandomMax16(plain));
  if (fullMessage.key.fromMe !== true) return [{ ...fullMessage, message }];
  const answer = message.protocolMessage?.peerDataOperationRequestResponseMessage;
  return (answer?.peerDataOperationResult ?? []).flatMap(({ placeholderMessageResendResponse: late }) => {
    const info = late?.webMessageInfoBytes && proto.WebMessageInfo.decode(late.webMessageInfoBytes);
    return info?.key && info.message ? [{ ...info, key: info.key, message: info.message }] : [];
  });
}
