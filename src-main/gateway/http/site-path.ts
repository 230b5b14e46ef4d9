/**
 * From the target of a request to a path below the served folder. Pure. Decodes until nothing changes, so that what is
 * checked is what is opened, and refuses whatever is malformed, hidden, or leads upwards: in doubt there is no file.
 */

/** Decoded more often than this, a path is somebody's riddle. */
const MAX_ROUNDS = 4;

/** First segments that belong to the API: never a file, never the page, however they are spelled. */
const RESERVED = new Set(["v1", "api", "health", "hooks", "tools", "channels", "canvas", "media", "avatar"]);

/** Control characters, NUL among them, and the other slash of Windows. */
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const FORBIDDEN = /[\u0000-\u001f\u007f\\]/;

/** The path part of a request target, in origin form (`/a?b`) or absolute form (`http://host/a?b`), still encoded. */
function toRawPath(target: string): string {
  return /^(?:https?:\/\/[^/?#]*)?([^?#]*)/i.exec(target)?.[1] || "/";
}

/** Percent-decoding to a fixpoint; undefined when malformed or nested too deep. */
function decodeFully(path: string): string | undefined {
  let current = path;
  for (let round = 0; round <= MAX_ROUNDS; round++) {
    let next: string;
    try {
      next = decodeURIComponent(current);
    } catch {
      return undefined;
    }
    if (next === current) return current;
    current = next;
  }
  return undefined;
}

/**
 * @param target of the request line, as it came
 * @returns the path below the served folder, decoded, without a leading slash (`""` is the folder itself; a trailing
 * slash is kept), or undefined when there can be no such file
 */
export function toSitePath(target: string): string | undefined {
  const path = decodeFully(toRawPath(target));
  if (path === undefined || !path.startsWith("/") || FORBIDDEN.test(path)) return undefined;
  const segments = path.slice(1).split("/");
  const last = segments.length - 1;
  const isClean = segments.every((segment, index) =>
    segment === "" ? index === last : !segment.startsWith(".") && !segment.endsWith("."),
  );
  if (!isClean || RESERVED.has(segments[0]?.toLowerCase() ?? "")) return undefined;
  return segments.join("/");
}
