import { expect, it } from "vitest";
import type { Connection } from "#main/gateway/connection.ts";
import { toPresence } from "#main/gateway/presence.ts";

let next = 0;
function connection(
  session: { role: string; scopes: string[]; deviceId?: string; name?: string } | undefined,
): Connection {
  const client = {
    id: "cli",
    version: "1",
    platform: "linux",
    mode: "cli",
    ...(session?.name ? { displayName: session.name } : {}),
  };
  return { id: `c${next++}`, session: session && { client, grant: session } } as unknown as Connection;
}

it("[B21] has one row per device, with all its roles and scopes, however many connections it has", () => {
  const rows = toPresence(
    [
      connection({ role: "operator", scopes: ["operator.read"], deviceId: "d1" }),
      connection({ role: "node", scopes: [], deviceId: "d1" }),
      connection({ role: "operator", scopes: ["operator.write"], deviceId: "d1" }),
      connection({ role: "operator", scopes: [], deviceId: "d2" }),
      connection({ role: "operator", scopes: [] }),
      connection({ role: "operator", scopes: [] }),
      connection(undefined),
    ],
    "1.0.0",
    5,
  );
  expect(rows.map((row) => row.deviceId)).toEqual([undefined, "d1", "d2", undefined, undefined]);
  expect(rows[1]).toMatchObject({ roles: ["operator", "node"], scopes: ["operator.read", "operator.write"], ts: 5 });
});

it("[B21] begins with the gateway itself, alone when nobody is there", () => {
  expect(toPresence([], "1.0.0", 5)).toMatchObject([{ mode: "gateway", reason: "self", version: "1.0.0" }]);
});
