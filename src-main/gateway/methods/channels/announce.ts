/** Tells clients what happens on chat platforms: how accounts stand, strangers who wait, what leaves. */
import type { DisposableStore } from "#main/base/disposable.ts";
import { messageOf } from "#main/base/errors.ts";
import type { ChatPairing } from "#main/protocol/methods/channels.ts";
import { toOutboxItem } from "#main/routing/outgoing/outbox-item.ts";
import type { ChatPairingRecord } from "#main/store/channels/people.ts";
import type { GatewayParts } from "../deps.ts";
import { Logins } from "./logins.ts";

/** A request as clients see it. @param waiting messages that wait for the decision */
export function toChatPairing(record: ChatPairingRecord, waiting: number): ChatPairing {
  return {
    ...{ requestId: record.request_id, channel: record.channel, accountId: record.account },
    ...{ senderId: record.sender_id, code: record.code, waiting },
    ...{ createdAtMs: record.created_at, expiresAtMs: record.expires_at },
    ...(record.sender_name === null ? {} : { senderName: record.sender_name }),
  };
}

/** @returns what shows codes to link with, for the methods that begin linking */
export function announceChannels(
  { clock, channels, people, outbox, arrivals, broadcast, log }: GatewayParts,
  store: DisposableStore,
): Logins {
  store.add(
    channels.onEvent((event) => {
      if (event.type === "status") {
        broadcast.send("channels.status", { channel: event.at.channel, account: event.standing });
      }
    }),
  );
  store.add(
    people.onPairing(({ state, record }) => {
      broadcast.send("channels.pairing", { state, request: toChatPairing(record, 1) });
      if (state !== "expired") return;
      const who = { channel: record.channel, account: record.account, senderId: record.sender_id };
      arrivals
        .forget(who, "the pairing code ran out")
        .catch((error: unknown) => log.warn("held messages could not be dropped", { error: messageOf(error) }));
    }),
  );
  store.add(
    outbox.onChange((row) => {
      if (row.kind !== "draft") broadcast.send("outbox.changed", { item: toOutboxItem(row) });
    }),
  );
  return store.add(new Logins({ clock, channels, tell: (shown) => broadcast.send("channels.login", shown) }));
}
