/** channels.pairing.*, channels.people.*: who may write on chat platforms. */
import { DEFAULT_ACCOUNT } from "#main/channels/settings.ts";
import { channelSections } from "#main/config/schema.ts";
import type { ChatPerson, PersonRole } from "#main/protocol/methods/channels.ts";
import { findHeld } from "#main/store/channels/inbox.ts";
import type { ChatPairingRecord } from "#main/store/channels/people.ts";
import { actorOf, type HandlersOf } from "../../dispatch.ts";
import type { MethodDeps } from "../deps.ts";
import { toChatPairing } from "./announce.ts";

export function createPeopleHandlers(deps: MethodDeps): HandlersOf<"channels.pairing" | "channels.people"> {
  const { people, arrivals, audit, db } = deps;
  const whoOf = (record: ChatPairingRecord) => {
    return { channel: record.channel, account: record.account, senderId: record.sender_id };
  };
  const note = (type: "chat.approved" | "chat.dismissed" | "chat.role", actor: string, who: string, message: string) =>
    audit.append({ type, level: "warning", actor, target: who, message });
  const toDecided = ({ request_id, channel, sender_id }: ChatPairingRecord) => {
    return { requestId: request_id, channel, senderId: sender_id };
  };
  return {
    "channels.pairing.list": async ({ channel, accountId }) => {
      const found = people.pairings().filter((row) => (channel ?? row.channel) === row.channel);
      const fitting = found.filter((row) => (accountId ?? row.account) === row.account);
      const counted = fitting.map(async (row) => toChatPairing(row, (await findHeld(db, whoOf(row))).length));
      return { requests: await Promise.all(counted) };
    },
    "channels.pairing.approve": async (params, caller) => {
      const role = params.owner === true || params.bootstrapCommandOwner === true ? "owner" : "allowed";
      const record = await people.approve({ ...params, account: params.accountId }, role);
      const who = `${record.channel}:${record.sender_id}`;
      await note("chat.approved", actorOf(caller), who, `may write from now on, as ${role}`);
      await arrivals.release(whoOf(record));
      return toDecided(record);
    },
    "channels.pairing.dismiss": async (params, caller) => {
      const record = await people.dismiss({ ...params, account: params.accountId }, params.block === true);
      const who = `${record.channel}:${record.sender_id}`;
      await note("chat.dismissed", actorOf(caller), who, params.block === true ? "blocked" : "not let in");
      await arrivals.forget(whoOf(record), "the owner did not let them in");
      return toDecided(record);
    },
    "channels.people.list": ({ channel }) => ({ people: listPeople(deps, channel) }),
    "channels.people.set": async ({ channel, accountId, senderId, role }, caller) => {
      const who = { channel, account: accountId ?? DEFAULT_ACCOUNT, senderId };
      await people.set(who, role);
      if (role === "blocked") await arrivals.forget(who, "blocked by the owner");
      else if (role !== null) await arrivals.release(who);
      await note("chat.role", actorOf(caller), `${channel}:${senderId}`, role === null ? "forgotten" : `now ${role}`);
      return { ok: true };
    },
  };
}

/** Those whom the owner decided about, and those that the configuration names. */
function listPeople({ people, config }: MethodDeps, channel: string | undefined): ChatPerson[] {
  const decided = people.list();
  const written = Object.entries(channelSections(config.current)).flatMap(([name, section]) => {
    const of = (ids: readonly (string | number)[] | undefined, role: PersonRole) =>
      (ids ?? []).map((id): ChatPerson => {
        return { channel: name, accountId: DEFAULT_ACCOUNT, senderId: String(id), role, source: "config" };
      });
    return [...of(section.owners, "owner"), ...of(section.allowFrom, "allowed")];
  });
  const isDecided = (one: ChatPerson) =>
    decided.some((other) => other.channel === one.channel && other.senderId === one.senderId);
  const all = [...decided, ...written.filter((one) => !isDecided(one))];
  return all.filter((one) => (channel ?? one.channel) === one.channel);
}
