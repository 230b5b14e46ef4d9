/**
 * Which addresses may leave the window for the system's browser or mail program. The only way out of the app:
 * everything that is not plainly http, https or mailto is refused, and a page cannot open a flood of them.
 */
import type { Clock } from "#main/base/clock.ts";

const LONGEST_URL = 4096;
/** A person clicks a few links in ten seconds; a page gone bad opens hundreds. */
const MOST_PER_WINDOW = 5;
const WINDOW_MS = 10_000;
/** RFC 6068 headers that only fill in a draft. `attach` and the like have made mail programs send files. */
const MAIL_FIELDS = new Set(["to", "cc", "bcc", "subject", "body"]);

/** The address as it may be handed to the system, or undefined when it may not. */
export function toExternalUrl(raw: string): string | undefined {
  if (raw.length > LONGEST_URL || hasControlCharacter(raw)) return undefined;
  if (!URL.canParse(raw)) return undefined;
  const url = new URL(raw);
  if (url.protocol === "mailto:") return isPlainMail(url) ? url.href : undefined;
  if (url.protocol !== "https:" && url.protocol !== "http:") return undefined;
  if (url.hostname === "" || url.username !== "" || url.password !== "") return undefined;
  return url.href;
}

function hasControlCharacter(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x20 || code === 0x7f) return true;
  }
  return false;
}

function isPlainMail(url: URL): boolean {
  return [...url.searchParams.keys()].every((name) => MAIL_FIELDS.has(name.toLowerCase()));
}

/** Opens an address outside; false when it was refused. */
export type LinkOpener = (url: string) => boolean;

/**
 * @param open hands a checked address to the system (Electron's `shell.openExternal`); its failure is given to `onError`
 */
export function createLinkOpener(options: {
  open: (url: string) => Promise<void>;
  clock: Pick<Clock, "monotonic">;
  onError: (error: unknown) => void;
}): LinkOpener {
  let recent: number[] = [];
  return (raw) => {
    const url = toExternalUrl(raw);
    if (url === undefined) return false;
    const now = options.clock.monotonic();
    recent = recent.filter((at) => now - at < WINDOW_MS);
    if (recent.length >= MOST_PER_WINDOW) return false;
    recent.push(now);
    options.open(url).catch(options.onError);
    return true;
  };
}
