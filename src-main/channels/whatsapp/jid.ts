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

export function isGroupJid(jid: string): boolean {
  return jid.endsWith("@g.us");
}

export function isPhoneJid(jid: string): boolean {
  return jid.endsWith("@s.whatsapp.net");
}

/** People and bots; not groups, broadcasts, newsletters, the server. */
export function isPersonJid(jid: string): boolean {
  return isPhoneJid(jid) || jid.endsWith("@lid") || jid.endsWith("@bot");
}

/** `15551234567` */
export function userOf(jid: string): string {
  return jid.slice(0, jid.indexOf("@"));
}
