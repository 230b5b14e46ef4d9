/**
 * Names of the wire as names of Swift: types, members and cases. Pure; never two names from one word by chance: the
 * caller is told when two of its words would meet.
 */

/**
 * Words that need backticks as a member or a case. Source: "The Swift Programming Language", Lexical Structure,
 * Keywords and Punctuation.
 */
export const RESERVED: ReadonlySet<string> = new Set(
  (
    "actor any as associatedtype async await borrowing break case catch class consuming continue default defer deinit " +
    "do else enum extension fallthrough false fileprivate final for func guard if import in indirect init inout " +
    "internal is lazy let mutating nil nonisolated open operator override private protocol public repeat required " +
    "rethrows return self Self some static struct subscript super switch throw throws true try typealias unowned var " +
    "weak where while"
  ).split(" "),
);

/** Type names that Swift or Foundation already means something by, or that cannot be declared inside a type. */
const TAKEN: ReadonlySet<string> = new Set(
  (
    "Any AnyObject Array Bool Character Codable CodingKey CodingKeys Data Date Decodable Decoder Dictionary Double " +
    "Encodable Encoder Equatable Error Float Hashable Int JSONValue Never Nullable Optional Protocol Result Self " +
    "Sendable Set String Tag Type URL UUID Void"
  ).split(" "),
);

function wordsOf(text: string): string[] {
  return text
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== "");
}

function capital(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}

/** `chat.send` → `ChatSend`; a word that is all capitals keeps only the first. */
export function toTypeName(text: string): string {
  const name = wordsOf(text)
    .map((word) => capital(/^[A-Z0-9]+$/.test(word) ? word.toLowerCase() : word))
    .join("");
  return /^[A-Za-z]/.test(name) ? name : `_${name}`;
}

/** The name of a type declared inside another one; `Value` is added where the plain name would hide something. */
export function toNestedName(text: string, isTaken: (name: string) => boolean): string {
  const name = toTypeName(text);
  return TAKEN.has(name) || isTaken(name) ? `${name}Value` : name;
}

/** `allow-once` → `allowOnce`, `INVALID_REQUEST` → `invalidRequest`; never escaped: see `escape`. */
export function toMemberName(text: string): string {
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(text) && !/^[A-Z]/.test(text)) return text;
  const name = toTypeName(text);
  return name === "_" ? "empty" : name.slice(0, 1).toLowerCase() + name.slice(1);
}

/** The name as it is written in code. */
export function escape(name: string): string {
  return RESERVED.has(name) ? `\`${name}\`` : name;
}

/** A string literal. */
export function quote(text: string): string {
  return JSON.stringify(text)
    .replaceAll("\\/", "/")
    .replaceAll(/\\u([0-9a-f]{4})/gi, "\\u{$1}");
}
