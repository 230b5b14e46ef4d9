/**
 * What we know of groups: subject and members, kept for a while, since the platform limits how often it may be asked.
 * Must never make an incoming message wait.
 */
import type { GroupMetadata } from "@whiskeysockets/baileys";
import { messageOf } from "#main/base/errors.ts";
import type { ChannelContext } from "../contract.ts";
import { isGroupJid } from "./jid.ts";

const MAX_AGE_MS = 10 * 60_000;
const MAX_GROUPS = 500;

interface Entry {
  at: number;
  group?: GroupMetadata;
  asked: Promise<GroupMetadata | undefined>;
}

export interface Groups {
  /** Asks unless it is known; undefined when the platform does not tell. */
  find(jid: string): Promise<GroupMetadata | undefined>;
  /** The subject, where it is known; asks behind when it is not, for the next time. */
  titleOf(jid: string): string | undefined;
  forget(jid: string): void;
}

/** @param ask asks the platform */
export function createGroups(context: ChannelContext, ask: (jid: string) => Promise<GroupMetadata>): Groups {
  const known = new Map<string, Entry>();
  const look = (jid: string): Entry => {
    const at = context.clock.monotonic();
    const old = known.get(jid);
    if (old && at - old.at < MAX_AGE_MS) return old;
    const asked = ask(jid).then(
      (group) => (entry.group = group),
      (error: unknown) => {
        context.log.debug("a WhatsApp group was not found", { reason: messageOf(error) });
        return undefined;
      },
    );
    const entry: Entry = { at, asked };
    if (known.size >= MAX_GROUPS) known.clear();
    known.set(jid, entry);
    return entry;
  };
  return {
    find: (jid) => look(jid).asked,
    titleOf: (jid) => (isGroupJid(jid) ? look(jid).group?.subject : undefined),
    forget: (jid) => void known.delete(jid),
  };
}
