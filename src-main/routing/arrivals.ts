/**
 * Where everything from chat platforms enters. A message is committed before the platform is told that it arrived; the
 * gate decides before anything of it is loaded or read; each drop leaves a row with its reason. It answers nothing.
 */
import type { Clock } from "#main/base/clock.ts";
import { messageOf } from "#main/base/errors.ts";
import type { Logger } from "#main/base/logger.ts";
import type { InboundEvent, InboundMessage } from "#main/channels/contract.ts";
import { rulesOf } from "#main/channels/settings.ts";
import type { AccountName } from "#main/channels/supervisor.ts";
import type { Config } from "#main/config/schema.ts";
import type { ChatPeople } from "#main/identity/chat-people.ts";
import * as inbox from "#main/store/channels/inbox.ts";
import type { Database } from "#main/store/database.ts";
import { decideAccess, type GateDecision } from "./gate.ts";
import type { Arrival } from "./arrival.ts";
import type { Notices } from "./outgoing/notices.ts";
import { SenderRates } from "./rate.ts";

export interface ArrivalDeps {
  db: Database;
  clock: Clock;
  log: Logger;
  config(): Config;
  flush(): Promise<void>;
  people: ChatPeople;
  notices: Notices;
  take(arrival: Arrival): void;
  /** Something was said about a message that was answered already. */
  annotate(at: AccountName, event: Exclude<InboundEvent, { type: "message" }>, runId: string | null): Promise<void>;
  noteTraffic(at: AccountName): void;
}

/** Messages of one stranger that wait for the owner; more are dropped. */
const MAX_HELD = 20;
/** Longer texts are cut: no platform sends them, and no model reads them. */
const MAX_TEXT = 100_000;

/** Edits and reactions of one sender. */
const CHANGES = { perMinute: 20, burst: 10 };

export class Arrivals {
  readonly #deps: ArrivalDeps;
  readonly #rates: SenderRates;

  constructor(deps: ArrivalDeps) {
    this.#deps = deps;
    this.#rates = new SenderRates(deps.clock);
  }

  /** Takes up what waited when the process ended. Called once, after interrupted runs were taken up. */
  async recover(): Promise<void> {
    for (const row of await inbox.listInbox(this.#deps.db, "accepted")) await this.#admit(row, true);
    // What was decided while nobody listened: let in by the configuration, or no longer asked about.
    for (const row of await inbox.listInbox(this.#deps.db, "held")) {
      const who = { channel: row.channel, account: row.account, senderId: row.sender_id };
      if (this.#decideRow(row).decision === "allow") await this.release(who);
      else if (!this.#deps.people.isWaiting(who)) await this.forget(who, "the pairing code ran out");
    }
  }

  /** How the sender of a message that waited stands now: `undefined`, they may write no more. */
  standing({
    channel,
    account,
    message,
  }: Pick<Arrival, "channel" | "account" | "message">): "owner" | "guest" | undefined {
    const decided = this.#decide({ channel, account }, message);
    if (decided.decision !== "allow") return undefined;
    return decided.isOwner ? "owner" : "guest";
  }

  /** Resolves once it is durable. Throws when it could not be written: the platform brings it again. */
  async receive(at: AccountName, event: InboundEvent): Promise<void> {
    if (event.type === "message") return this.#message(at, bound(event));
    return this.#change(at, event);
  }

  /** A stranger was let in: what they wrote meanwhile is answered now. */
  async release(who: { channel: string; account: string; senderId: string }): Promise<void> {
    const held = await inbox.findHeld(this.#deps.db, who);
    if (held.length === 0) return;
    await inbox.acceptHeld(
      this.#deps.db,
      held.map(({ seq }) => seq),
    );
    for (const row of held) await this.#admit(row);
  }

  /** The owner does not want them, or the time is over. */
  async forget(who: { channel: string; account: string; senderId: string }, reason: string): Promise<void> {
    const held = await inbox.findHeld(this.#deps.db, who);
    await inbox.dropInbox(
      this.#deps.db,
      held.map(({ seq }) => seq),
      reason,
    );
  }

  async #message(at: AccountName, message: InboundMessage): Promise<void> {
    const { db, clock, flush, log } = this.#deps;
    const decided = await this.#hold(at, message, this.#decide(at, message));
    const isDropped = decided.decision === "drop";
    const row = await inbox.insertInbox(db, {
      ...{ channel: at.channel, account: at.account, message_id: message.messageId, chat_id: message.chat.id },
      ...{ sender_id: message.sender.id, platform_id: message.platformId, received_at: clock.now() },
      state: isDropped ? "dropped" : decided.decision === "pair" ? "held" : "accepted",
      reason: isDropped ? decided.reason : null,
      body: isDropped ? null : JSON.stringify(message),
    });
    const flushed = flush();
    // Waited for below; until then nobody listens.
    flushed.catch(() => {});
    if (row) {
      this.#deps.noteTraffic(at);
      if (decided.decision === "allow") this.#take(row, message, decided.isOwner);
      if (decided.decision === "pair") await this.#greet(at, message);
      if (isDropped) log.debug("a message was dropped", { ...at, reason: decided.reason });
    }
    await flushed;
  }

  #decide(at: AccountName, message: InboundMessage): GateDecision {
    const role = this.#deps.people.roleOf({ ...at, senderId: message.sender.id });
    return decideAccess({ message, rules: rulesOf(this.#deps.config(), at.channel, at.account), role });
  }

  /** A stranger waits for the owner, unless too many do or they write too much. */
  async #hold(at: AccountName, message: InboundMessage, decided: GateDecision): Promise<GateDecision> {
    if (decided.decision !== "pair") return decided;
    const { people, db } = this.#deps;
    const { id: senderId, name } = message.sender;
    const stranger = { ...at, senderId, chat: JSON.stringify(message.chat) };
    const request = await people.request(name === undefined ? stranger : { ...stranger, senderName: name });
    if (!request) return { decision: "drop", reason: "too many strangers wait for the owner" };
    const held = await inbox.findHeld(db, { ...at, senderId });
    return held.length < MAX_HELD ? decided : { decision: "drop", reason: "too many messages wait for the owner" };
  }

  /** The code, once per request: the key of the row sees to that. */
  async #greet(at: AccountName, message: InboundMessage): Promise<void> {
    const { people, notices } = this.#deps;
    const request = await people.request({ ...at, senderId: message.sender.id, chat: JSON.stringify(message.chat) });
    if (!request) return;
    const text = [
      "I do not know you yet. My owner has to let you in first.",
      `Your code: **${request.code}**`,
      "Tell it to them; until then I neither read nor answer anything here.",
    ].join("\n");
    await notices.send({ ...at, chat: message.chat }, text, `pairing:${request.request_id}`);
  }

  #take(row: inbox.InboxRecord, message: InboundMessage, isOwner: boolean, isRecovered = false): void {
    const { seq, channel, account } = row;
    if (message.chat.kind === "direct" && isOwner) this.#noteOwner({ channel, account }, message);
    try {
      this.#deps.take({ seq, channel, account, message, isOwner, isRecovered });
    } catch (error) {
      // One that cannot be worked on must not come back at every start.
      this.#deps.log.error("a message could not be worked on", { channel, account, error: messageOf(error) });
      void inbox.dropInbox(this.#deps.db, [seq], messageOf(error)).catch(() => {});
    }
  }

  /** Where the owner is to be asked: learnt from their own message. */
  #noteOwner(at: AccountName, { chat, sender }: InboundMessage): void {
    const { people, log } = this.#deps;
    people
      .noteChat({ ...at, senderId: sender.id }, JSON.stringify(chat), sender.name)
      .catch((error: unknown) => log.warn("the owner's chat could not be noted", { error: messageOf(error) }));
  }

  /** Decides anew about a row: what was allowed when it came may be so no more. */
  async #admit(row: inbox.InboxRecord, isRecovered = false): Promise<void> {
    const decided = this.#decideRow(row);
    const message = JSON.parse(row.body ?? "{}") as InboundMessage;
    if (decided.decision === "allow") this.#take(row, message, decided.isOwner, isRecovered);
    else await inbox.dropInbox(this.#deps.db, [row.seq], decided.decision === "drop" ? decided.reason : "not let in");
  }

  #decideRow({ channel, account, body }: inbox.InboxRecord): GateDecision {
    return this.#decide({ channel, account }, JSON.parse(body ?? "{}") as InboundMessage);
  }

  /** An edit of what still waits replaces it; of what was answered it is told. Everything else needs the same rights. */
  async #change(at: AccountName, event: Exclude<InboundEvent, { type: "message" }>): Promise<void> {
    const { db } = this.#deps;
    const sender = JSON.stringify([at, event.sender?.id]);
    // As often as messages may come: each is a note that a model reads.
    if (event.type !== "delete" && this.#rates.take(sender, CHANGES) > 0) return;
    const platformIds = event.type === "delete" ? event.platformIds : [event.platformId];
    for (const platformId of platformIds.slice(0, 100)) {
      const row = await inbox.findByPlatformId(db, { ...at, chatId: event.chat.id, platformId });
      if (!row || row.state === "dropped") continue;
      const isOwn = (event.sender?.id ?? row.sender_id) === row.sender_id;
      if (event.type === "delete" ? !isOwn : !this.#mayChange(at, event, row.sender_id)) continue;
      if (row.state === "taken") {
        await this.#deps.annotate(at, event, row.run_id);
      } else if (event.type === "edit") {
        const message = { ...(JSON.parse(row.body ?? "{}") as InboundMessage), text: event.text.slice(0, MAX_TEXT) };
        await inbox.rewriteInbox(db, row.seq, JSON.stringify(message));
      } else if (event.type === "delete") await inbox.dropInbox(db, [row.seq], "taken back by the sender");
    }
  }

  /** What is no message needs the same rights as one; a text is changed by its writer alone. */
  #mayChange(at: AccountName, event: Exclude<InboundEvent, { type: "message" | "delete" }>, writer: string): boolean {
    if (event.type === "edit" && event.sender.id !== writer) return false;
    const { chat, sender } = event;
    const role = this.#deps.people.roleOf({ ...at, senderId: sender.id });
    const rules = rulesOf(this.#deps.config(), at.channel, at.account);
    const decided = decideAccess({ message: { chat, sender, text: "", mentionsMe: true }, rules, role });
    return decided.decision === "allow" || (decided.decision === "pair" && event.type === "edit");
  }
}

/** What a platform would never send is cut before it is kept. */
function bound(message: InboundMessage): InboundMessage {
  const text = message.text.slice(0, MAX_TEXT).toWellFormed();
  return { ...message, text, media: message.media.slice(0, 20) };
}
