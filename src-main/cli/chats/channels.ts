/** `gatehouse channels`: how chat platforms stand, linking them, and what could not be sent. The gateway decides. */
import type { GatewayClient } from "#main/protocol/client.ts";
import type { EventPayload } from "#main/protocol/events.ts";
import type { OutboxItem } from "#main/protocol/methods/channels.ts";
import type { MethodResult } from "#main/protocol/methods/index.ts";
import { EXIT, need, printLine, textOption, usageError, type Invocation } from "../command.ts";
import { ask, connectOwner } from "../owner.ts";
import { toTerminalText } from "../terminal.ts";

type Status = MethodResult<"channels.status">;

/** One line per account; channels that nobody set up are left out. */
export function toStatusLines({ channelOrder, channelLabels, channels }: Status): string[] {
  const lines = channelOrder.flatMap((id) =>
    (channels[id]?.accounts ?? []).map(({ accountId, state, identity, reason }) => {
      const name = accountId === "default" ? (channelLabels[id] ?? id) : `${channelLabels[id] ?? id} (${accountId})`;
      const who = identity === undefined ? "" : ` as ${identity}`;
      return toTerminalText(`  ${name}: ${state}${who}${reason === undefined ? "" : `: ${reason}`}`);
    }),
  );
  return lines.length > 0
    ? lines
    : ["No channel is set up. Use the Channels page, or `channels` in the configuration."];
}

function toOutboxLines(items: readonly OutboxItem[]): string[] {
  const lines = items.map(({ id, channel, to, toName, state, text, error }) => {
    const why = error === undefined ? "" : `  (${error})`;
    return toTerminalText(`  ${id}  ${state}  ${channel} ${toName ?? to}  ${JSON.stringify(text.slice(0, 60))}${why}`);
  });
  return lines.length > 0 ? lines : ["Nothing waits, nothing failed."];
}

export async function run(invocation: Invocation): Promise<number> {
  const [action = "status", name] = invocation.positionals;
  const account = textOption(invocation, "account");
  const toAccount = () => ({
    channel: need(name, "the channel's name"),
    ...(account === undefined ? {} : { accountId: account }),
  });
  switch (action) {
    case "status":
    case "list":
      return ask(invocation, "channels.status", {}, (status) => toStatusLines(status).join("\n"));
    case "start":
    case "stop":
    case "logout":
      return ask(invocation, `channels.${action}`, toAccount(), () => "Done.");
    case "link":
      return link(invocation, toAccount());
    case "outbox":
      return ask(invocation, "outbox.list", {}, ({ items }) => toOutboxLines(items).join("\n"));
    case "retry":
    case "cancel": {
      const id = need(name, "the message's id (gatehouse channels outbox shows them)");
      return ask(invocation, `outbox.${action}`, { id }, () => "Done.");
    }
    default:
      throw usageError(`channels ${action} is unknown: status, link, start, stop, logout, outbox, retry or cancel`);
  }
}

/** Shows each code as it comes until the phone has scanned one. */
async function link(invocation: Invocation, params: { channel: string; accountId?: string }): Promise<number> {
  const { world } = invocation;
  const phone = textOption(invocation, "phone");
  const onEvent = (event: string, payload: unknown) => {
    if (event === "channels.login") void draw(invocation, payload as EventPayload<"channels.login">);
  };
  const client: GatewayClient = await connectOwner(invocation, { onEvent });
  try {
    const begun = await client.request("web.login.start", { ...params, ...(phone === undefined ? {} : { phone }) });
    if (begun.connected === true) {
      printLine(world.stdout, "It is linked already.");
      return EXIT.ok;
    }
    if (begun.message !== undefined) printLine(world.stderr, toTerminalText(begun.message));
    const wait = { ...params, timeoutMs: 180_000 };
    const { connected, message } = await client.request("web.login.wait", wait, { timeoutMs: 190_000 });
    if (connected) printLine(world.stdout, "Linked.");
    else printLine(world.stderr, toTerminalText(message ?? "Not linked."));
    return connected ? EXIT.ok : EXIT.failed;
  } finally {
    client.close();
  }
}

async function draw({ world }: Invocation, shown: EventPayload<"channels.login">): Promise<void> {
  if (shown.code !== undefined) printLine(world.stdout, `Type this code on the phone: ${toTerminalText(shown.code)}`);
  if (shown.qr === undefined) return;
  const { toString } = await import("qrcode");
  printLine(world.stdout, await toString(shown.qr, { type: "terminal", small: true }));
  printLine(world.stdout, "Scan it with the phone. A new one comes by itself when this one is over.");
}
