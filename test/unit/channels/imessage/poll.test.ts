/** Why Messages' database cannot be read, in words that help. */
import { expect, it } from "vitest";
import { toTrouble } from "#main/channels/imessage/poll.ts";

const coded = (code: string, message = code) => Object.assign(new Error(message), { code });

it.each([
  [coded("ENOENT"), "disconnected", /no Messages database at \/db/],
  [coded("EPERM"), "error", /Full Disk Access/],
  [coded("SQLITE_CANTOPEN"), "error", /Full Disk Access/],
  [coded("SQLITE_ERROR", "authorization denied"), "error", /Full Disk Access/],
  [coded("SQLITE_BUSY"), "degraded", /Another program/],
  [coded("SQLITE_LOCKED_SHAREDCACHE"), "degraded", /Another program/],
  [coded("SQLITE_NOTADB"), "error", /cannot be read/],
  ["odd", "error", /cannot be read/],
])("%s means '%s'", (error, state, reason) => {
  expect(toTrouble(error, "/db")).toEqual({ state, reason: expect.stringMatching(reason) });
});
