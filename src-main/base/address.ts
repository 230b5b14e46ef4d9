/**
 * Which IP addresses belong to the public internet. Pure, and closed when in doubt: what cannot be read is not public.
 * Must never look a name up.
 */

/** An address as its bytes: 4 or 16. */
export type AddressBytes = readonly number[];

/** First address of a block, bits that count, what it is. */
type Block = readonly [first: string, bits: number, what: string];

/** IANA's IPv4 special-purpose registry (RFC 6890 and its updates), multicast and reserved space, cloud metadata. */
const IPV4_BLOCKS: readonly Block[] = [
  ["0.0.0.0", 8, "this network"],
  ["10.0.0.0", 8, "a private network"],
  ["100.64.0.0", 10, "a carrier's shared space"],
  ["127.0.0.0", 8, "this machine"],
  ["169.254.0.0", 16, "link-local, where clouds keep their metadata"],
  ["172.16.0.0", 12, "a private network"],
  ["192.0.0.0", 24, "reserved for protocols"],
  ["192.0.2.0", 24, "for documentation"],
  ["192.31.196.0", 24, "reserved for AS112"],
  ["192.52.193.0", 24, "reserved for AMT"],
  ["192.88.99.0", 24, "the old 6to4 relay"],
  ["192.168.0.0", 16, "a private network"],
  ["192.175.48.0", 24, "reserved for AS112"],
  ["198.18.0.0", 15, "for benchmarks"],
  ["198.51.100.0", 24, "for documentation"],
  ["203.0.113.0", 24, "for documentation"],
  ["224.0.0.0", 4, "multicast"],
  ["240.0.0.0", 4, "reserved or broadcast"],
  // Azure's host agent answers metadata on this public number inside every virtual machine.
  ["168.63.129.16", 32, "a cloud's metadata service"],
];

/** Blocks inside 2000::/3, the only part of IPv6 that is handed out for the internet (RFC 4291, IANA). */
const IPV6_BLOCKS: readonly Block[] = [
  ["2001::", 23, "reserved for protocols, Teredo among them"],
  ["2001:db8::", 32, "for documentation"],
  ["2002::", 16, "6to4, which hides an IPv4 address"],
  ["2620:4f:8000::", 48, "reserved for AS112"],
  ["3fff::", 20, "for documentation"],
];

/** Names for what lies outside 2000::/3, so that a refusal can say what it is. */
const IPV6_OUTSIDE: readonly Block[] = [
  ["::", 128, "no address at all"],
  ["::1", 128, "this machine"],
  ["::ffff:0:0", 96, "an IPv4 address in IPv6 form"],
  ["::", 96, "an IPv4 address in an outdated IPv6 form"],
  ["fc00::", 7, "a private network"],
  ["fe80::", 10, "link-local"],
  ["fec0::", 10, "an outdated private network"],
  ["ff00::", 8, "multicast"],
];

/** RFC 6052: an IPv4 address behind a translator, in the last four bytes. */
const NAT64: Block = ["64:ff9b::", 96, "NAT64"];

/**
 * Why an address is not on the public internet, in a few words; undefined when it is. Takes plain notation only: four
 * decimal numbers, or IPv6 without a zone. Anything else is not public.
 */
export function whyNotPublic(address: string): string | undefined {
  const bytes = parseAddress(address);
  if (bytes === undefined) return "not an address in plain notation";
  return bytes.length === 4 ? whatIs(IPV4_BLOCKS, bytes) : whyNotPublicV6(bytes);
}

function whyNotPublicV6(bytes: AddressBytes): string | undefined {
  if (isIn(NAT64, bytes)) {
    // A network that has only IPv6 reaches everything this way: the address inside decides.
    const inside = whatIs(IPV4_BLOCKS, bytes.slice(12));
    return inside === undefined ? undefined : `${inside}, behind NAT64`;
  }
  if (((bytes[0] ?? 0) & 0xe0) !== 0x20) return whatIs(IPV6_OUTSIDE, bytes) ?? "outside the public part of IPv6";
  if (isIsatap(bytes)) return "ISATAP, which hides an IPv4 address";
  return whatIs(IPV6_BLOCKS, bytes);
}

/** RFC 5214: interface identifiers `0000:5efe` and `0200:5efe` carry an IPv4 address to a local router. */
function isIsatap(bytes: AddressBytes): boolean {
  return ((bytes[8] ?? 0) & 0xfd) === 0 && bytes[9] === 0 && bytes[10] === 0x5e && bytes[11] === 0xfe;
}

/** The bytes of an address in plain notation; undefined for every other spelling. */
export function parseAddress(text: string): AddressBytes | undefined {
  if (text.length > 45) return undefined;
  return text.includes(":") ? parseIpv6(text) : parseIpv4(text);
}

/** Four decimal numbers without leading zeros. */
function parseIpv4(text: string): AddressBytes | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part))) return undefined;
  const bytes = parts.map(Number);
  return bytes.every((byte) => byte <= 255) ? bytes : undefined;
}

/** RFC 4291 §2.2, all three forms. */
function parseIpv6(text: string): AddressBytes | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map((half, index) => parseGroups(half, index === halves.length - 1));
  if (head === undefined || (halves.length === 2 && tail === undefined)) return undefined;
  if (tail === undefined) return head.length === 16 ? head : undefined;
  const missing = 16 - head.length - tail.length;
  return missing >= 2 ? [...head, ...Array.from<number>({ length: missing }).fill(0), ...tail] : undefined;
}

function parseGroups(text: string, mayEndInIpv4: boolean): number[] | undefined {
  if (text === "") return [];
  const groups = text.split(":");
  const bytes: number[] = [];
  for (const [index, group] of groups.entries()) {
    if (/^[0-9a-f]{1,4}$/i.test(group)) {
      const value = Number.parseInt(group, 16);
      bytes.push(value >> 8, value & 0xff);
      continue;
    }
    const last = mayEndInIpv4 && index === groups.length - 1 ? parseIpv4(group) : undefined;
    if (last === undefined) return undefined;
    bytes.push(...last);
  }
  return bytes;
}

function whatIs(blocks: readonly Block[], bytes: AddressBytes): string | undefined {
  return blocks.find((block) => isIn(block, bytes))?.[2];
}

function isIn([first, bits]: Block, bytes: AddressBytes): boolean {
  const start = parseAddress(first);
  if (start === undefined || start.length !== bytes.length) return false;
  for (let index = 0, left = bits; left > 0; index++, left -= 8) {
    const mask = left >= 8 ? 0xff : (0xff << (8 - left)) & 0xff;
    if (((start[index] ?? 0) & mask) !== ((bytes[index] ?? 0) & mask)) return false;
  }
  return true;
}
