/** `gatehouse pairing`: strangers who wrote on a chat platform and wait for the owner. */
import type { ChatPairing } from "#main/protocol/methods/channels.ts";
import { EXIT, isSet, printLine, usageError, type Invocation } from "../command.ts";
import { withOwner } from "../owner.ts";
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
  const { world, positionals } = invocation;
  const [action = "list", ...rest] = positionals;
  // `approve telegram CODE` as the peer has it, and `approve CODE`.
  const code = rest.at(-1);
  const channel = rest.length > 1 ? { channel: rest[0] ?? "" } : {};
  const show = (answer: unknown, words: string) => {
    printLine(world.stdout, isSet(invocation, "json") ? JSON.stringify(answer, null, 2) : words);
    return EXIT.ok;
  };
  if (action === "list") {
    return withOwner(invocation, async (client) => {
      const answer = await client.request("channels.pairing.list", {});
      return show(answer, toPairingLines(answer.requests).join("\n"));
    });
  }
  if (action !== "approve" && action !== "dismiss") {
    throw usageError(`pairing ${action} is unknown: list, approve or dismiss`);
  }
  if (code === undefined) throw usageError("the code is missing; gatehouse pairing list shows them");
  return withOwner(invocation, async (client) => {
    if (action === "dismiss") {
      const params = { ...channel, code, block: isSet(invocation, "block") };
      const answer = await client.request("channels.pairing.dismiss", params);
      return show(answer, "Dismissed.");
    }
    const owner = isSet(invocation, "owner");
    const answer = await client.request("channels.pairing.approve", { ...channel, code, owner });
    const who = toTerminalText(`${answer.channel} ${answer.senderId}`);
    return show(
      answer,
      owner ? `${who} is you from now on: may command and answer approvals.` : `${who} may write now.`,
    );
  });
}
