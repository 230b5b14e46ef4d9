/**
 * Reads the host of a URL as it was written, in any spelling, and says what it is: a public address, a name to look
 * up, or nothing to talk to. Pure and closed when in doubt; must never throw and never look a name up.
 */
import { parseAddress, whyNotPublic } from "../address.ts";

export type HostJudgement =
  /** An address in plain notation; `why` is set when it is not public. */
  | { kind: "address"; address: string; why: string | undefined }
  /** A name in ASCII, lower case, without a final dot; `why` is set when it means this machine or its network. */
  | { kind: "name"; name: string; why: string | undefined }
  /** A spelling that nobody needs and that hides what it means. */
  | { kind: "refused"; why: string };

/** Endings that mean the local machine or network (RFC 6761, 6762, 7686, 8375 and what routers use). */
const LOCAL_ENDINGS: readonly string[] =
  "localhost local localdomain internal intranet private lan home corp home.arpa in-addr.arpa ip6.arpa onion".split(
    " ",
  );

/** Names under which clouds serve credentials to whoever asks from inside. */
const METADATA_NAMES: readonly string[] = [
  "metadata.goog",
  "metadata.google.internal",
  "metadata.azure.com",
  "metadata.tencentyun.com",
  "instance-data.ec2.internal",
];

/**
 * @param raw what stands between `//` and the port, undecoded: `0x7f.1`, `[::1]`, `Example.com.`
 */
export function judgeHost(raw: string): HostJudgement {
  if (raw === "" || raw.length > 260) return refused("has no host, or one that is too long");
  if (raw.includes("%")) return refused("has a percent sign in its host (an encoded character or a zone)");
  if (/[\s\p{Cc}\p{Cf}\\@/?#]/u.test(raw)) return refused("has a character in its host that does not belong there");
  if (raw.startsWith("[") || raw.includes(":")) return judgeIpv6(raw);
  const written = toHostname(raw);
  if (written === undefined) return refused("has a host that is neither a name nor an address");
  if (parseAddress(written) !== undefined) {
    // 127.1, 2130706433, 0x7f000001, 0177.0.0.1, full-width digits, a final dot: nobody means well with these.
    if (written !== raw) return refused("spells an address in a way that hides it");
    return { kind: "address", address: written, why: whyNotPublic(written) };
  }
  return judgeName(written.replace(/\.$/, ""));
}

function judgeIpv6(raw: string): HostJudgement {
  const inside = /^\[([0-9a-fA-F:.]+)\]$/.exec(raw)?.[1];
  const bytes = inside === undefined ? undefined : parseAddress(inside);
  if (inside === undefined || bytes?.length !== 16) return refused("has an IPv6 address that cannot be read");
  return { kind: "address", address: inside.toLowerCase(), why: whyNotPublic(inside) };
}

function judgeName(name: string): HostJudgement {
  const labels = name.split(".");
  if (name.length > 253 || labels.some((label) => !/^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/.test(label))) {
    return refused("has a host that is not a domain name");
  }
  if (/^(\d+|0x[0-9a-f]*)$/.test(labels.at(-1) ?? "")) return refused("has a host that ends like an address");
  const why = whyLocal(name, labels);
  return { kind: "name", name, why };
}

function whyLocal(name: string, labels: readonly string[]): string | undefined {
  if (METADATA_NAMES.includes(name)) return "a cloud's metadata service";
  if (LOCAL_ENDINGS.some((ending) => name === ending || name.endsWith(`.${ending}`))) return "a local name";
  return labels.length === 1 ? "a name without a dot, which only a local network knows" : undefined;
}

/** As the URL standard reads it: lower case, IDNA, numbers as addresses. Undefined when it cannot. */
function toHostname(raw: string): string | undefined {
  const text = `http://${raw}/`;
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  return url.username === "" && url.port === "" && url.pathname === "/" ? url.hostname : undefined;
}

function refused(why: string): HostJudgement {
  return { kind: "refused", why };
}
