/** `gatehouse devices`: who may connect. The gateway decides; this only asks and shows. */
import type { MethodResult } from "#main/protocol/methods/index.ts";
import { EXIT, isSet, printLine, usageError, type Invocation } from "./command.ts";
import { withOwner } from "./owner.ts";
import { toTerminalText } from "./terminal.ts";

type DeviceList = MethodResult<"device.pair.list">;

function toTime(ms: number | undefined): string {
  return ms === undefined ? "never" : new Date(ms).toISOString().replace("T", " ").slice(0, 16);
}

/** The list for a person. Names come from the devices themselves and are cleaned of terminal commands. */
export function toDeviceLines(list: DeviceList): string[] {
  const pending = list.pending.map((row) => {
    const name = row.displayName ?? row.platform ?? "unnamed";
    return `  ${row.requestId}  ${name}  wants ${row.scopes.join(", ") || row.role}  (${row.reason})`;
  });
  const paired = list.paired.map((row) => {
    const name = row.displayName ?? row.platform ?? "unnamed";
    const seen = row.connected ? "connected" : `last seen ${toTime(row.lastSeenAtMs)}`;
    return `  ${row.deviceId}  ${name}  ${row.scopes.join(", ") || row.roles.join(", ")}  ${seen}`;
  });
  const lines = [
    ...(pending.length > 0 ? ["Waiting for you:", ...pending, ""] : []),
    ...(paired.length > 0 ? ["Paired:", ...paired] : ["No device is paired."]),
  ];
  return lines.map((line) => toTerminalText(line));
}

function need(value: string | undefined, what: string): string {
  if (value === undefined) throw usageError(`${what} is missing; gatehouse devices list shows them`);
  return value;
}

export async function run(invocation: Invocation): Promise<number> {
  const { world, positionals } = invocation;
  const [action = "list", id] = positionals;
  const json = isSet(invocation, "json");
  const show = (answer: unknown, words: string) => {
    printLine(world.stdout, json ? JSON.stringify(answer, null, 2) : words);
    return EXIT.ok;
  };
  switch (action) {
    case "list":
      return withOwner(invocation, async (client) => {
        const list = await client.request("device.pair.list", {});
        return show(list, toDeviceLines(list).join("\n"));
      });
    case "approve": {
      const requestId = need(id, "the request's id");
      return withOwner(invocation, async (client) => {
        const answer = await client.request("device.pair.approve", { requestId });
        return show(answer, `Approved: ${toTerminalText(answer.device.displayName ?? answer.device.deviceId)}`);
      });
    }
    case "reject": {
      const requestId = need(id, "the request's id");
      return withOwner(invocation, async (client) => {
        return show(await client.request("device.pair.reject", { requestId }), "Rejected.");
      });
    }
    case "remove": {
      const deviceId = need(id, "the device's id");
      return withOwner(invocation, async (client) => {
        return show(await client.request("device.pair.remove", { deviceId }), "Removed; it can no longer connect.");
      });
    }
    default:
      throw usageError(`devices ${action} is unknown: list, approve, reject or remove`);
  }
}
