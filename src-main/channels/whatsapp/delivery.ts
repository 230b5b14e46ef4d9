/**
 * Where a message is taken in. The client answers "delivered" right after it decrypted a message, before it tells of it;
 * so the message is handed over inside the decryption: first it is durable with us, then the ratchet of its conversation
 * moves on, then the platform hears that we have it. A failure between leaves all as it was, and it comes again.
 *
 * Must never let the ratchet move on before `receive` resolved, and never write to one conversation twice at a time.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import type { BinaryNode, SignalKeyStoreWithTransaction, SocketConfig, WAMessage, proto } from "@whiskeysockets/baileys";
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

/** What a delivery needs of the connection that it came over. */
export interface DeliveryOptions extends Account {
  /** Aborts when the connection ended. */
  closed: AbortSignal;
  /** Our own addresses: the number, and the hidden one. */
  own(): { id: string; lid: string };
  titleOf(groupJid: string): string | undefined;
  /** Told once a message is durable. */
  onTaken(received: WAMessage, event: InboundEvent): void;
}

export type Delivery = ReturnType<typeof createDelivery>;

export function createDelivery(options: DeliveryOptions) {
  const { library, context, lane, closed } = options;
  const envelopes = new WeakMap<Uint8Array, BinaryNode>();
  const take = createTaking(options);
  return {
    /** Notes the envelope of a message; must be called before the client sees it. */
    expect({ content }: BinaryNode): void {
      if (!Array.isArray(content)) return;
      for (const part of content) if (part.content instanceof Uint8Array) envelopes.set(part.content, { ...stanza });
    },
  };
}
