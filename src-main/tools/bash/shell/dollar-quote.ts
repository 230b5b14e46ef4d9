/**
 * `$'…'`: the escapes of bash, in bytes. Must never give text that bash would not: what it cannot be sure of it refuses.
 */
import { unreadable, type Cursor } from "./ast.ts";

/** Bash manual, "ANSI-C Quoting". */
const SINGLE: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  e: 27,
  E: 27,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
  "\\": 92,
  "'": 39,
  '"': 34,
  "?": 63,
};
const NUMBER = /^(?:x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8})|([0-7]{1,3}))/;

/** Reads from behind `$'` to behind the closing quote. */
export function readDollarQuote(cursor: Cursor): string {
  const bytes: Buffer[] = [];
  const { text } = cursor;
  let from = cursor.at;
  for (;;) {
    const char = text[cursor.at];
    if (char === undefined) throw unreadable("a quote is not closed");
    if (char !== "'" && char !== "\\") {
      cursor.at++;
      continue;
    }
    bytes.push(Buffer.from(text.slice(from, cursor.at)));
    cursor.at++;
    if (char === "'") break;
    bytes.push(readEscape(cursor));
    from = cursor.at;
  }
  const all = Buffer.concat(bytes);
  const result = all.toString("utf8");
  if (all.includes(0) || !Buffer.from(result).equals(all)) throw unreadable("a quoted text holds broken characters");
  return result;
}

function readEscape(cursor: Cursor): Buffer {
  const number = NUMBER.exec(cursor.text.slice(cursor.at, cursor.at + 9));
  if (number !== null) {
    cursor.at += number[0].length;
    const [, byte, short, long, octal] = number;
    if (byte !== undefined) return Buffer.from([Number.parseInt(byte, 16)]);
    if (octal !== undefined) return Buffer.from([Number.parseInt(octal, 8) & 255]);
    const point = Number.parseInt(short ?? long ?? "", 16);
    if (point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) throw unreadable("a character does not exist");
    return Buffer.from(String.fromCodePoint(point));
  }
  const char = cursor.text[cursor.at++];
  const known = SINGLE[char ?? ""];
  if (known !== undefined) return Buffer.from([known]);
  // `\cX` and unknown escapes: nothing honest needs them.
  throw unreadable("an escape in a quoted text is not known");
}
