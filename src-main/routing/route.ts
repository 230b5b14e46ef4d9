/** Which conversation a message belongs to, and who answers there. Pure. */
import { createHash } from "node:crypto";
import type { ChatRef, InboundMessage } from "#main/channels/contract.ts";
import type { ChannelConfig, Config } from "#main/config/schema.ts";
import { DEFAULT_AGENT, parseSessionKey, toMainKey, type SessionKey } from "#main/sessions/key.ts";

/** Characters of one id in a key, at most. */
const MAX_PART = 120;

/** A chat on a platform, as conversations, replies and rows of the outbox name it. */
export interface ChatAddress {
  channel: string;
  account: string;
  chat: ChatRef;
}

export interface RouteInput {
  channel: string;
  account: string;
  message: Pick<InboundMessage, "chat" | "sender">;
  rules: ChannelConfig;
  config: Pick<Config, "sessions" | "bindings">;
}

/** The agent that answers: the first binding that fits, the channel's own, the default. */
export function toAgent({ channel, account, message, rules, config }: RouteInput): string {
  const fits = (wanted: string | number | undefined, is: string) => wanted === undefined || String(wanted) === is;
  const found = config.bindings.find(
    (binding) =>
      fits(binding.channel, channel) &&
      fits(binding.account, account) &&
      fits(binding.chat, message.chat.id) &&
      fits(binding.sender, message.sender.id),
  );
  return found?.agent ?? rules.agent ?? DEFAULT_AGENT;
}

/** The session: a group (and each thread in it) has its own always; a direct chat by `sessions.scope`. */
export function toSession(input: RouteInput): SessionKey {
  const { channel, account, message, config } = input;
  const { chat, sender } = message;
  const agent = toAgent(input);
  const named = (...parts: string[]) => parseSessionKey(`agent:${agent}:${parts.map(toPart).join(":")}`);
  const thread = chat.threadId === undefined ? [] : ["thread", chat.threadId];
  if (chat.kind === "group") {
    const where = account === "default" ? [channel] : [channel, account];
    return named(...where, "group", chat.id, ...thread);
  }
  switch (config.sessions.scope) {
    case "main":
      return parseSessionKey(toMainKey(agent));
    case "per-peer":
      return named("dm", sender.id);
    case "per-channel-peer":
      return named(channel, "dm", sender.id, ...thread);
    case "per-account-channel-peer":
      return named(channel, account, "dm", sender.id, ...thread);
    case "per-sender": {
      const person = findPerson(config.sessions.identityLinks, `${channel}:${sender.id}`);
      return person === undefined ? named(channel, "dm", sender.id, ...thread) : named("person", person);
    }
  }
}

/** The name under which the owner linked several accounts of one person. */
function findPerson(links: Readonly<Record<string, readonly string[]>>, id: string): string | undefined {
  return Object.entries(links).find(([, ids]) => ids.includes(id))?.[0];
}

/** Ids of platforms hold what a key may not: it is written as `=hex.`, so that two ids never become one. */
function toPart(part: string): string {
  const safe = part.replace(/[^\p{L}\p{N}._@+/-]/gu, (char) => `=${(char.codePointAt(0) ?? 0).toString(16)}.`);
  // A key has room for so much; `=` before letters that are no number: no escaped id looks like it.
  return safe.length <= MAX_PART ? safe : `=sha256.${createHash("sha256").update(part).digest("hex")}`;
}
