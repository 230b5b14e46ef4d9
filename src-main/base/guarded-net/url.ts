/**
 * Reads a URL that somebody untrusted may have written, and refuses what hides where it leads or carries a secret.
 * Must never contact anyone, and never repeat in a message what a URL held beyond its host.
 */
import { Refused } from "../errors.ts";
import { looksSecret } from "../log-redactor.ts";
import { judgeHost, type HostJudgement } from "./host.ts";

/** Characters, as the address is sent. */
export const MAX_URL = 2048;

export interface CheckedUrl {
  url: URL;
  /** Where it leads: an address or a name, `why` not judged yet. */
  host: Exclude<HostJudgement, { kind: "refused" }>;
  /** Port, always a number. */
  port: number;
  /** `host:port` with the port always there: what the owner may have exempted. */
  authority: string;
}

/**
 * Throws Refused `INVALID_REQUEST` for anything but a plain http or https address of at most 2048 characters without
 * user name, password, escapes or odd spellings in its host. Whether the host is public is not decided here.
 */
export function checkUrl(text: string): CheckedUrl {
  if (text.length > MAX_URL) throw refuse(`it is longer than ${MAX_URL} characters`);
  if (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\\]/u.test(text) || text !== text.trim()) throw refuse("it has characters that hide");
  const written = /^(https?):\/\/([^/?#]*)/i.exec(text);
  if (written?.[2] === undefined) throw refuse("only http:// and https:// addresses can be fetched");
  if (written[2].includes("@")) throw refuse("it has a user name or password in it");
  const host = /^(.*?)(?::\d{0,5})?$/.exec(written[2])?.[1] ?? "";
  const judged = judgeHost(host);
  if (judged.kind === "refused") throw refuse(`it ${judged.why}`);
  if (!URL.canParse(text)) throw refuse("it is not a valid address");
  const url = new URL(text);
  url.hash = "";
  if (judged.kind === "name") url.hostname = judged.name;
  if (url.href.length > MAX_URL) throw refuse(`it is longer than ${MAX_URL} characters`);
  if (url.port === "0") throw refuse("nothing answers on port 0");
  const port = url.port === "" ? (url.protocol === "https:" ? 443 : 80) : Number(url.port);
  return { url, host: judged, port, authority: `${url.hostname}:${port}` };
}

/** Throws Refused when an address about to be sent out holds something shaped like a secret, encoded or not. */
export function checkCarriesNoSecret(text: string): void {
  if (formsOf(text).some((form) => looksSecret(form))) {
    throw refuse("it holds something that looks like a secret (a key, a token or a password)");
  }
}

/** The text, decoded up to three times, and what its base64 pieces hold. */
function formsOf(text: string): string[] {
  const forms = [text];
  for (let round = 0; round < 3; round++) {
    const decoded = decodePercent(forms.at(-1) ?? "");
    if (decoded === forms.at(-1)) break;
    forms.push(decoded);
  }
  const last = forms.at(-1) ?? "";
  const inside = [...last.matchAll(/[A-Za-z0-9+/_-]{24,}={0,2}/g)].map(([piece]) =>
    Buffer.from(piece, "base64").toString("latin1"),
  );
  return [...forms, ...inside];
}

/** Each escape by itself, so that one broken escape does not hide the others. */
function decodePercent(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (run) => Buffer.from(run.replaceAll("%", ""), "hex").toString("utf8"));
}

function refuse(why: string): Refused {
  return new Refused("INVALID_REQUEST", `This address cannot be fetched: ${why}.`);
}
