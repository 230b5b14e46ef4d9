/**
 * WhatsApp's addresses: `15551234567:3@s.whatsapp.net` is device 3 of a phone number, `…@lid` a person whose number is
 * hidden, `…@g.us` a group. Pure; must never take an address for another one's.
 */

/** The server part of devices that Meta hosts, and of old clients, as the one people are known by. */
const SERVERS: Readonly<Record<string, string>> = {
  "c.us": "s.whatsapp.net",
  hosted: "s.whatsapp.net",
  "hosted.lid": "lid",
};

/** The address without device and agent; undefined for what is none. */
export function bareJid(jid: unknown): string | undefined {
  if (typeof jid !== "string" || jid.length > 128) return undefined;
  const [, user, server] = /^([\w.+-]+?)(?:_\d{1,3})?(?::\d{1,5})?@([a-z.]+)$/.exec(jid) ?? [];
  return user === undefined || server === undefined ? undefined : `${user}@${SERVERS[server] ?? server}`;
}

export const isGroupJid = (jid: string): boolean => jid.endsWith("@g.us");
export const isPhoneJid = (jid: string): boolean => jid.endsWith("@s.whatsapp.net");
/** People and bots; not groups, broadcasts, newsletters, the server. */
export const isPersonJid = (jid: string): boolean => /@(s\.whatsapp\.net|lid|bot)$/.test(jid);
/** `15551234567` */
export const userOf = (jid: string): string => jid.slice(0, jid.indexOf("@"));
