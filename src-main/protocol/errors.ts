/** The codes that cross the wire, and nothing else does. The peer's clients dispatch on them: upper case, stable. */
export const ERROR_CODES = [
  "NOT_LINKED",
  "NOT_PAIRED",
  "AGENT_TIMEOUT",
  "INVALID_REQUEST",
  "FORBIDDEN",
  "APPROVAL_NOT_FOUND",
  "UNAVAILABLE",
  "ALREADY_RESOLVED",
  "RATE_LIMITED",
  "INTERNAL",
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** WebSocket close codes in use (RFC 6455 §7.4 and our 4001). */
export const CLOSE = {
  normal: 1000,
  version: 1002,
  policy: 1008,
  tooBig: 1009,
  internal: 1011,
  restart: 1012,
  starting: 1013,
  credentials: 4001,
} as const;

/** A close reason may hold at most 123 bytes (RFC 6455 §5.5): cuts on a UTF-8 boundary. */
export function toCloseReason(reason: string): string {
  const bytes = new TextEncoder().encode(reason);
  if (bytes.length <= 123) return reason;
  let end = 123;
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return new TextDecoder().decode(bytes.subarray(0, end));
}
