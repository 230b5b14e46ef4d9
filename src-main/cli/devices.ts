/** `gatehouse devices`: who may connect. The gateway decides; this only asks and shows. */
import type { MethodResult } from "#main/protocol/methods/index.ts";
import { need, usageError, type Invocation } from "./command.ts";
import { ask } from "./owner.ts";
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

export async function run(invocation: Invocation): Promise<number> {
  const [action = "list", id] = invocation.positionals;
  const needed = (what: string) => need(id, what, "gatehouse devices list shows them");
  switch (action) {
    case "list":
      return ask(invocation, "device.pair.list", {}, (list) => toDeviceLines(list).join("\n"));
    case "approve": {
      const requestId = needed("the request's id");
      return ask(invocation, "device.pair.approve", { requestId }, ({ device }) => {
        return `Approved: ${toTerminalText(device.displayName ?? device.deviceId)}`;
      });
    }
    case "reject":
      return ask(invocation, "device.pair.reject", { requestId: needed("the request's id") }, () => "Rejected.");
    case "remove": {
      const deviceId = needed("the device's id");
      return ask(invocation, "device.pair.remove", { deviceId }, () => "Removed; it can no longer connect.");
    }
    default:
      throw usageError(`devices ${action} is unknown: list, approve, reject or remove`);
  }
}
