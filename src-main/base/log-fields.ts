/**
 * Turns whatever was put beside a log message into short, plain JSON without secrets. Never throws, never calls into
 * the values more than it must, and never returns more than a few kilobytes.
 */
import { CUT, isSecretName, type Redactor } from "./log-redactor.ts";
import type { LogFields } from "./logger.ts";

const MAX_TEXT = 2000;
const MAX_ITEMS = 30;
const MAX_DEPTH = 4;
/** pino's own names; a field of that name would make the line say two things. */
const RESERVED = new Set(["level", "time", "msg"]);

/** Takes secrets out, then cuts what is too long. The part that is looked through ends well behind the cut. */
export function shorten(text: string, redactor: Redactor): string {
  const clean = redactor.redact(text.length > MAX_TEXT * 4 ? text.slice(0, MAX_TEXT * 4) : text);
  if (text.length <= MAX_TEXT * 4 && clean.length <= MAX_TEXT) return clean;
  return `${clean.slice(0, MAX_TEXT)}… (${text.length} characters)`;
}

function plainError(error: Error, redactor: Redactor, depth: number): Record<string, unknown> {
  const fields: Record<string, unknown> = { type: error.name, message: shorten(error.message, redactor) };
  if ("code" in error && typeof error.code === "string") fields["code"] = shorten(error.code, redactor);
  if (error.stack !== undefined) fields["stack"] = shorten(error.stack, redactor);
  if (error.cause !== undefined) fields["cause"] = plain(error.cause, redactor, depth + 1);
  return fields;
}

function plain(value: unknown, redactor: Redactor, depth: number): unknown {
  if (typeof value === "string") return shorten(value, redactor);
  if (typeof value === "bigint") return value.toString();
  if (value === null || typeof value === "number" || typeof value === "boolean") return value;
  if (typeof value !== "object") return value === undefined ? undefined : `[${typeof value}]`;
  if (depth >= MAX_DEPTH) return "[…]";
  if (value instanceof Error) return plainError(value, redactor, depth);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "invalid date" : value.toISOString();
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (Array.isArray(value)) {
    const items: unknown[] = value.slice(0, MAX_ITEMS).map((item) => plain(item, redactor, depth + 1));
    if (value.length > MAX_ITEMS) items.push(`… (${value.length} items)`);
    return items;
  }
  return plainObject(value, redactor, depth + 1);
}

function plainObject(value: object, redactor: Redactor, depth: number): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  const keys = Object.keys(value);
  for (const key of keys.slice(0, MAX_ITEMS)) {
    const name = shorten(key, redactor).slice(0, 100);
    let item: unknown;
    try {
      const held: unknown = Reflect.get(value, key);
      item = typeof held === "string" && held !== "" && isSecretName(key) ? CUT : plain(held, redactor, depth);
    } catch {
      item = "[unreadable]";
    }
    if (item !== undefined) result[name === "__proto__" ? "__proto__ " : name] = item;
  }
  if (keys.length > MAX_ITEMS) result["…"] = `${keys.length} fields`;
  return result;
}

/** The fields of one line, ready for pino. */
export function plainFields(fields: LogFields, redactor: Redactor): Record<string, unknown> {
  const result = plainObject(fields, redactor, 0);
  for (const name of RESERVED) {
    if (!(name in result)) continue;
    result[`${name}_`] = result[name];
    delete result[name];
  }
  return result;
}
