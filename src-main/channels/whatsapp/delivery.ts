/**
 * Where a message is taken in. The client answers "delivered" right after it decrypted a message, before it tells of it;
 * so the message is handed over inside the decryption: first it is durable with us, then the ratchet of its conversation
 * moves on, then the platform hears that we have it. A failure between leaves all as it was, and it comes again.
 *
 * Must never let the ratchet move on before `receive` resolved, and never write to one conversation twice at a time.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import type {
  BinaryNode,
  SignalKeyStoreWithTransaction,
  SocketConfig,
  WAMessageKey,
  proto,
} from "@whiskeysockets/baileys";
import { backoffMs } from "#main/base/backoff.ts";
import { sleep } from "#main/base/clock.ts";
import { messageOf } from "#main/base/errors.ts";
import type { Lane } from "#main/base/lane.ts";
import type { ChannelContext, InboundEvent } from "../contract.ts";
import { toInbound, type OwnJids, type Received } from "./inbound.ts";
import { isPhoneJid, bareJid } from "./jid.ts";
import type { Keyring } from "./keyring.ts";
import type { Library } from "./library.ts";
import { verifyXeddsa } from "./server-identity.ts";

const PAUSE = { firstMs: 1000, maxMs: 60_000 };

type MakeRepository = SocketConfig["makeSignalRepository"];
export type Repository = ReturnType<MakeRepository>;

/** What a delivery needs of the connection that it came over. */
export interface DeliveryOptions {
  library: Library;
  context: ChannelContext;
  keyring: Keyring;
  /** Serialises everything that changes the state of conversations: decryptions here, encryptions in `sending`. */
  lane: Lane;
  /** Aborts when the connection ended. */
  closed: AbortSignal;
  own(): { id: string; lid: string; jids: OwnJids };
  titleOf(groupJid: string): string | undefined;
  /** Told once a message is durable. */
  onTaken(received: Opened, event: InboundEvent): void;
}

/** A decrypted message with the client's key of it. */
export type Opened = Received & { key: WAMessageKey };

export interface Delivery {
  /** Notes the envelope of a message; must be called before the client sees it. */
  expect(stanza: BinaryNode): void;
  makeSignalRepository: MakeRepository;
}

export function createDelivery(options: DeliveryOptions): Delivery {
  const { library, context, lane, keyring, closed } = options;
  const envelopes = new WeakMap<Uint8Array, BinaryNode>();
  // The client knows by the asynchronous context whether it is in a transaction. What we call from inside of one, and
  // all that follows from it later, must not believe that it still is.
  const runOutside = AsyncLocalStorage.snapshot();

  const take = async (event: InboundEvent): Promise<void> => {
    for (let failures = 1; ; failures++) {
      closed.throwIfAborted();
      try {
        await keyring.saved();
        await runOutside(() => context.receive(event));
        return;
      } catch (error) {
        context.log.warn("a WhatsApp message was not kept; it is tried again", { reason: messageOf(error) });
      }
      await sleep(context.clock, backoffMs(failures, PAUSE, context.random), closed);
    }
  };
  const hand = async (received: Opened): Promise<void> => {
    const event = mapSafely(received, options);
    if (event === undefined) return;
    await take(event);
    runOutside(() => options.onTaken(received, event));
  };
  const deliver = async (ciphertext: Uint8Array, plain: Uint8Array, repository: Repository): Promise<void> => {
    const stanza = envelopes.get(ciphertext);
    const opened = stanza && openSafely(stanza, plain, options);
    if (opened === undefined) return;
    // From the account's own phone come messages of others that we could not read; what it wrote itself is not for us.
    for (const message of opened.key.fromMe === true ? openLate(opened.message, options) : [opened]) {
      const phoneJid = await phoneJidOf(message, repository);
      const title = runOutside(() => options.titleOf(message.key.remoteJid ?? ""));
      await hand({ ...message, phoneJid, title });
    }
  };
  return {
    expect(stanza) {
      if (!Array.isArray(stanza.content)) return;
      for (const { content } of stanza.content) if (content instanceof Uint8Array) envelopes.set(content, stanza);
    },
    makeSignalRepository(auth, logger, findLids) {
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
    },
  };
}

function mapSafely(received: Received, { own, context }: DeliveryOptions): InboundEvent | undefined {
  try {
    return toInbound(received, own().jids);
  } catch (error) {
    context.log.warn("a WhatsApp message makes no sense and was dropped", { reason: messageOf(error) });
    return undefined;
  }
}

/** Envelope and content of a decrypted message; undefined for what does not parse (the client deals with it). */
function openSafely(stanza: BinaryNode, plain: Uint8Array, options: DeliveryOptions): Opened | undefined {
  const { library, own } = options;
  try {
    const { id, lid } = own();
    const { fullMessage } = library.decodeMessageNode(stanza, id, lid);
    const message = library.proto.Message.decode(library.unpadRandomMax16(plain));
    return toOpened(fullMessage.key, { ...fullMessage, message }, options);
  } catch {
    return undefined;
  }
}

/** What our phone answers when the client asked it for messages that it could not decrypt. */
function openLate(content: proto.IMessage, options: DeliveryOptions): Opened[] {
  const found: Opened[] = [];
  const results = content.protocolMessage?.peerDataOperationRequestResponseMessage?.peerDataOperationResult ?? [];
  for (const { placeholderMessageResendResponse: answer } of results) {
    try {
      const info =
        answer?.webMessageInfoBytes && options.library.proto.WebMessageInfo.decode(answer.webMessageInfoBytes);
      if (info && info.key && info.message) found.push(toOpened(info.key, { ...info, message: info.message }, options));
    } catch {
      options.context.log.warn("a WhatsApp message that the phone brought makes no sense and was dropped");
    }
  }
  return found;
}

function toOpened(
  key: WAMessageKey,
  {
    message,
    pushName,
    messageTimestamp,
  }: Pick<proto.IWebMessageInfo, "pushName" | "messageTimestamp"> & {
    message: proto.IMessage;
  },
  { context }: DeliveryOptions,
): Opened {
  const at = Number(messageTimestamp) * 1000;
  return { key, message, pushName: pushName ?? null, at: at > 0 && Number.isFinite(at) ? at : context.clock.now() };
}

/** The number behind a hidden address, where an earlier envelope told it. */
async function phoneJidOf({ key }: Received, repository: Repository): Promise<string | undefined> {
  const jid = bareJid(key.participant ?? key.remoteJid);
  if (jid === undefined || isPhoneJid(jid) || !jid.endsWith("@lid")) return undefined;
  return bareJid(await repository.lidMapping.getPNForLID(jid));
}
