/**
 * What we know of groups: asked once per connection and after each change, since the platform limits how often it may
 * be asked. Must never make an incoming message wait.
 */
import type { GroupMetadata } from "@whiskeysockets/baileys";
import { messageOf } from "#main/base/errors.ts";
import type { Logger } from "#main/base/logger.ts";

/** @param ask asks the platform */
export function createGroups(log: Logger, ask: (jid: string) => Promise<GroupMetadata>) {
  const asked = new Map<string, Promise<GroupMetadata | undefined>>();
  const titles = new Map<string, string>();
  const look = async (jid: string) => {
    try {
      const group = await ask(jid);
      titles.set(jid, group.subject);
      return group;
    } catch (error) {
      log.debug("a WhatsApp group was not found", { reason: messageOf(error) });
      return undefined;
    }
  };
  const find = (jid: string) => {
    const found = asked.get(jid) ?? look(jid);
    asked.set(jid, found);
    return found;
  };
  return {
    /** Undefined when the platform does not tell. */
    find,
    /** The subject, where it is known; asks behind when it is not, for the next time. */
    titleOf(jid: string): string | undefined {
      void find(jid);
      return titles.get(jid);
    },
    forget: (jid: string | undefined) => void asked.delete(jid ?? ""),
  };
}
