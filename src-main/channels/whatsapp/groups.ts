/**
 * What we know of groups: subject and members, kept for a while, since the platform limits how often it may be asked.
 * Must never make a message wait.
 */
import type { GroupMetadata } from "@whiskeysockets/baileys";
import { messageOf } from "#main/base/errors.ts";
import type { ChannelContext } from "../contract.ts";

const MAX_AGE_MS = 10 * 60_000;
const MAX_GROUPS = 500;

/** @param ask asks the platform */
export function createGroups(context: ChannelContext, ask: (jid: string) => Promise<GroupMetadata>) {
  const known = new Map<string, { at: number; group: GroupMetadata | undefined }>();
  return {
    /** What is known; asks behind when it is nothing, for the next time. */
    get(jid: string): GroupMetadata | undefined {
      if (!jid.endsWith("@g.us")) return undefined;
      const entry = known.get(jid);
      if (entry && context.clock.monotonic() - entry.at < MAX_AGE_MS) return entry.group;
      const at = context.clock.monotonic();
      if (known.size >= MAX_GROUPS) known.clear();
      known.set(jid, { at, group: undefined });
      ask(jid).then(
        (group) => known.get(jid)?.at === at && known.set(jid, { at, group }),
        (error: unknown) => context.log.debug("a WhatsApp group was not found", { reason: messageOf(error) }),
      );
      return undefined;
    },
    forget: (jid: string) => void known.delete(jid),
  };
}
