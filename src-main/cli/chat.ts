/**
 * `gatehouse chat`: one message from an option, a file or a pipe, or a conversation line by line on a terminal. The
 * gateway keeps the session; this only shows it.
 */
import { readFile } from "node:fs/promises";
import type { GatewayClient } from "#main/protocol/client.ts";
import { createTurnEvents, startTurn, type TurnEvents, type TurnOutcome } from "./chat-turn.ts";
import { EXIT, isSet, printLine, textOption, usageError, type Invocation } from "./command.ts";
import { connectOwner } from "./owner.ts";
import { toTerminalText } from "./terminal.ts";

/** A text, at most as long as `chat.send` takes. */
const MAX_BYTES = 1_600_000;

async function readAll(stream: NodeJS.ReadableStream): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk);
    length += bytes.length;
    if (length > MAX_BYTES) throw usageError("the input is longer than a message may be");
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** The one message of this call, or undefined for a conversation. */
async function readMessage(invocation: Invocation): Promise<string | undefined> {
  const { stdin } = invocation.world;
  const execute = textOption(invocation, "execute");
  const file = textOption(invocation, "file");
  const given = [execute, file].filter((value) => value !== undefined).length;
  if (given > 1 || (given > 0 && isSet(invocation, "interactive"))) throw usageError("choose one of -e, -f and -i");
  if (isSet(invocation, "interactive")) return undefined;
  if (execute !== undefined) return execute;
  if (file === undefined) return stdin.isTTY === true ? undefined : readAll(stdin);
  try {
    return file === "-" ? await readAll(stdin) : await readFile(file, "utf8");
  } catch (error) {
    throw usageError(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function toExitCode(outcome: TurnOutcome): number {
  if (outcome.status === "ok") return EXIT.ok;
  return outcome.status === "aborted" ? EXIT.interrupted : EXIT.failed;
}

/** Sends one message and prints the answer as it comes. Ctrl-C stops the run, a second one leaves. */
async function sayOnce(
  invocation: Invocation,
  client: GatewayClient,
  events: TurnEvents,
  sessionKey: string,
  message: string,
): Promise<number> {
  const { stdout, stderr, onSignal, exitNow } = invocation.world;
  const json = isSet(invocation, "json");
  const toShown = stdout.isTTY === true ? toTerminalText : (text: string) => text;
  const turn = startTurn(client, events, sessionKey, message, (text) => {
    if (!json) stdout.write(toShown(text));
  });
  let wasAsked = false;
  const stopListening = onSignal(() => {
    if (wasAsked) exitNow(EXIT.interrupted);
    wasAsked = true;
    turn.abort();
  });
  try {
    const outcome = await turn.outcome;
    if (json) {
      const { message: stored, ...rest } = outcome;
      printLine(stdout, JSON.stringify({ sessionKey, ...rest, usage: stored?.usage, model: stored?.model }));
    } else if (outcome.text !== "" && !outcome.text.endsWith("\n")) stdout.write("\n");
    if (outcome.status === "error" && !json) printLine(stderr, `gatehouse chat: ${outcome.error ?? "the turn failed"}`);
    return toExitCode(outcome);
  } finally {
    stopListening();
  }
}

/** Connects with the events of a turn wired up. */
async function connectForChat(
  invocation: Invocation,
): Promise<{ client: GatewayClient; events: TurnEvents; key: string }> {
  const events = createTurnEvents();
  let mainKey = "agent:main:main";
  const client = await connectOwner(invocation, {
    onEvent(name, payload) {
      if (name === "chat") events.chat.emit(payload as Parameters<typeof events.chat.emit>[0]);
    },
    onState(state) {
      if (state.phase === "connected") mainKey = state.hello.snapshot.sessionDefaults.mainSessionKey;
      else if (state.phase === "disconnected") events.lost.emit(state.reason);
    },
  });
  return { client, events, key: textOption(invocation, "session") ?? mainKey };
}

export async function run(invocation: Invocation): Promise<number> {
  if (invocation.positionals.length > 0) throw usageError('put the message after -e: gatehouse chat -e "…"');
  const message = await readMessage(invocation);
  if (message !== undefined && message.trim() === "") throw usageError("the message is empty");
  if (message === undefined && isSet(invocation, "json"))
    throw usageError("--json goes with one message: -e, -f or a pipe");
  const { client, events, key } = await connectForChat(invocation);
  try {
    if (message !== undefined) return await sayOnce(invocation, client, events, key, message);
    const { converse } = await import("./repl.ts");
    return await converse(invocation.world, client, events, key);
  } finally {
    client.close();
  }
}
