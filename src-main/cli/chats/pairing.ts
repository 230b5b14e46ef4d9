/** `gatehouse pairing`: strangers who wrote on a chat platform and wait for the owner. */
import type { ChatPairing } from "#main/protocol/methods/channels.ts";
import { isSet, need, usageError, type Invocation } from "../command.ts";
import { ask } from "../owner.ts";
import { toTerminalText } from "../terminal.ts";

export function toPairingLines(requests: readonly ChatPairing[]): string[] {
  const lines = requests.map(({ code, channel, senderId, senderName, waiting, expiresAtMs }) => {
    const who = senderName === undefined ? senderId : `${senderName} (${senderId})`;
    const until = new Date(expiresAtMs).toISOString().slice(11, 16);
    return toTerminalText(`  ${code}  ${channel}  ${who}  ${waiting} waiting  until ${until} UTC`);
  });
  return lines.length > 0 ? lines : ["Nobody waits."];
}

export async function run(invocation: Invocation): Promise<number> {
  const [action = "list", ...rest] = invocation.positionals;
  if (action === "list") {
    return ask(invocation, "channels.pairing.list", {}, ({ requests }) => toPairingLines(requests).join("\n"));
  }
  if (action !== "approve" && action !== "dismiss") {
    throw usageError(`pairing ${action} is unknown: list, approve or dismiss`);
  }
  // `approve telegram CODE` as the peer has it, and `approve CODE`.
  const code = need(rest.at(-1), "the code", "gatehouse pairing list shows them");
  const request = { ...(rest.length > 1 ? { channel: rest[0] ?? "" } : {}), code };
  if (action === "dismiss") {
    const params = { ...request, block: isSet(invocation, "block") };
    return ask(invocation, "channels.pairing.dismiss", params, () => "Dismissed.");
  }
  const owner = isSet(invocation, "owner");
  return ask(invocation, "channels.pairing.approve", { ...request, owner }, ({ channel, senderId }) => {
    const who = toTerminalText(`${channel} ${senderId}`);
    return owner ? `${who} is you from now on: may command and answer approvals.` : `${who} may write now.`;
  });
}
