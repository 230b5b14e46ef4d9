/**
 * How Signal names people and messages. Pure. Must never take a name or a username for an identity.
 *
 * A person is named by the account id (ACI, a UUID), which stays when the number changes; by the number only where no ACI
 * is told. A message is named by its author and the time at which the author wrote it.
 */
import { objectsOf, textOf, type Json } from "./fields.ts";

/** Who we are: the account as it was set, and our ACI as soon as it is known. */
export interface Self {
  account: string;
  aci: string | undefined;
}

export interface Address {
  id: string;
  number: string | undefined;
  isSelf: boolean;
}

/** How Signal names a message. */
export interface MessageName {
  /** Milliseconds since 1970, by the author's clock. */
  timestamp: number;
  /** ACI or number. */
  author: string;
}

export function isAci(text: string): boolean {
  return /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(text);
}

/** A phone number in E.164. */
export function isNumber(text: string): boolean {
  return /^\+[1-9]\d{4,14}$/.test(text);
}

/** Our own ACI out of a list of identities (`{number, uuid}`). */
export function findAci(identities: unknown, account: string): string | undefined {
  const own = objectsOf(identities).find(({ number }) => number === account);
  const aci = textOf(own?.["uuid"]) ?? account;
  return isAci(aci) ? aci.toLowerCase() : undefined;
}

/** Reads `<prefix>Uuid` and `<prefix>Number`, and `<prefix>` alone from versions that know only that. */
export function addressOf(value: Json, prefix: string, self: Self): Address | undefined {
  const fields = [`${prefix}Uuid`, `${prefix}Number`, prefix].map((key) => textOf(value[key]) ?? "");
  const aci = fields.find(isAci)?.toLowerCase();
  const number = fields.find(isNumber);
  const id = aci ?? number;
  if (id === undefined) return undefined;
  const isSelf = number === self.account || (aci !== undefined && [self.aci, self.account].includes(aci));
  // One name for us, whichever the service used: ids of our own messages must compare.
  return { id: isSelf ? (self.aci ?? self.account) : id, number, isSelf };
}

export function toPlatformId({ timestamp, author }: MessageName): string {
  return `${timestamp}:${author}`;
}

export function fromPlatformId(platformId: string): MessageName | undefined {
  const [, timestamp, author] = /^(\d{1,16}):(.+)$/.exec(platformId) ?? [];
  return timestamp === undefined || author === undefined ? undefined : { timestamp: Number(timestamp), author };
}
