/**
 * A conversation on a terminal, line by line. Ctrl-C stops a running answer first, and leaves when nothing runs; Ctrl-D
 * leaves. Lines typed while an answer runs wait for it.
 */
import { createInterface, type Interface } from "node:readline";
import { messageOf } from "#main/base/errors.ts";
import { Lane } from "#main/base/lane.ts";
import { GatewayError, type GatewayClient } from "#main/protocol/client.ts";
import { textOf } from "#main/protocol/text-of.ts";
import { startTurn, type Turn, type TurnEvents } from "./chat-turn.ts";
import { EXIT, printLine, type World } from "./command.ts";
import { createStyle, toTerminalText, type Style } from "./terminal.ts";

interface Conversation {
  world: World;
  client: GatewayClient;
  events: TurnEvents;
  sessionKey: string;
  style: Style;
  /** The answer that is coming in, if one is. */
  turn: Turn | undefined;
  leave(): void;
}

interface ReplCommand {
  names: readonly string[];
  help: string;
  run(talk: Conversation, argument: string): Promise<void> | void;
}

const HISTORY_LENGTH = 20;

async function showHistory(talk: Conversation): Promise<void> {
  const history = await talk.client.request("chat.history", { sessionKey: talk.sessionKey, limit: HISTORY_LENGTH });
  const spoken = history.messages.filter((message) => message.role !== "toolResult" && textOf(message) !== "");
  if (spoken.length === 0) printLine(talk.world.stdout, "Nothing was said yet.");
  for (const message of spoken) {
    const who = talk.style.bold(message.role === "user" ? "you" : "assistant");
    printLine(talk.world.stdout, `${who}: ${toTerminalText(textOf(message))}`);
  }
}

async function showModels(talk: Conversation, argument: string): Promise<void> {
  const { client, sessionKey, world } = talk;
  if (argument !== "") {
    await client.request("sessions.patch", { key: sessionKey, model: argument });
    printLine(world.stdout, `This session uses ${toTerminalText(argument)} now.`);
    return;
  }
  const { session } = await client.request("sessions.describe", { key: sessionKey });
  const { models } = await client.request("models.list", {});
  const used = session?.model ?? models.find((model) => model.isDefault)?.ref;
  for (const { ref, available, unavailableReason } of models) {
    const note = available ? "" : `  (${unavailableReason ?? "not available"})`;
    printLine(world.stdout, toTerminalText(`${ref === used ? "*" : " "} ${ref}${note}`));
  }
}

async function startAnew(talk: Conversation): Promise<void> {
  await talk.client.request("sessions.reset", { key: talk.sessionKey, reason: "new" });
  printLine(talk.world.stdout, "A new conversation. What was said before is kept.");
}

export const REPL_COMMANDS: readonly ReplCommand[] = [
  {
    names: ["/help", "/?"],
    help: "print this",
    run(talk) {
      const width = Math.max(...REPL_COMMANDS.map(({ names }) => names.join(", ").length));
      for (const { names, help } of REPL_COMMANDS) {
        printLine(talk.world.stdout, `  ${names.join(", ").padEnd(width)}  ${help}`);
      }
      printLine(talk.world.stdout, `  ${"Ctrl-C".padEnd(width)}  stop the answer; leave when none is running`);
    },
  },
  { names: ["/new"], help: "begin a new conversation in this session", run: (talk) => startAnew(talk) },
  { names: ["/history"], help: `show the last ${HISTORY_LENGTH} messages`, run: (talk) => showHistory(talk) },
  { names: ["/model"], help: "list models, or /model provider/model to change", run: showModels },
  {
    names: ["/clear"],
    help: "clear the screen",
    run({ world }) {
      if (world.stdout.isTTY === true) world.stdout.write("\u001b[2J\u001b[3J\u001b[H");
    },
  },
  { names: ["/exit", "/quit"], help: "leave (Ctrl-D does too)", run: (talk) => talk.leave() },
];

async function say(talk: Conversation, message: string): Promise<void> {
  const { stdout, stderr } = talk.world;
  talk.turn = startTurn(talk.client, talk.events, talk.sessionKey, message, (text) =>
    stdout.write(toTerminalText(text)),
  );
  try {
    const outcome = await talk.turn.outcome;
    if (!outcome.text.endsWith("\n")) stdout.write("\n");
    if (outcome.status === "aborted") printLine(stdout, talk.style.dim("(stopped)"));
    if (outcome.status === "error") printLine(stderr, toTerminalText(outcome.error ?? "The turn failed."));
  } finally {
    talk.turn = undefined;
  }
}

async function handleLine(talk: Conversation, line: string): Promise<void> {
  const text = line.trim();
  if (text === "") return;
  try {
    if (!text.startsWith("/")) return await say(talk, text);
    const [name = "", ...rest] = text.split(/\s+/);
    const command = REPL_COMMANDS.find(({ names }) => names.includes(name.toLowerCase()));
    if (command) await command.run(talk, rest.join(" "));
    else printLine(talk.world.stderr, `${toTerminalText(name)} is no command; /help lists them.`);
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    printLine(talk.world.stderr, `${error.code}: ${toTerminalText(error.message)}`);
  }
}

function greet(talk: Conversation): void {
  const { world, style, sessionKey } = talk;
  printLine(world.stdout, `${style.bold("Gatehouse")} ${style.dim(`${sessionKey} · /help, Ctrl-D leaves`)}`);
}

/** Wires the lines and the signals to the conversation; resolves with the exit code. */
function listen(talk: Conversation, lines: Interface): Promise<number> {
  const lane = new Lane();
  let isClosed = false;
  let hasLeft = false;
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const interrupt = () => {
    if (talk.turn) talk.turn.abort();
    else lines.close();
  };
  const stopListening = talk.world.onSignal((signal) => {
    if (signal === "SIGINT") interrupt();
    else lines.close();
  });
  talk.leave = () => {
    hasLeft = true;
    lines.close();
  };
  const take = async (line: string) => {
    try {
      if (!hasLeft) await handleLine(talk, line);
      if (!isClosed) lines.prompt();
    } catch (error) {
      printLine(talk.world.stderr, toTerminalText(messageOf(error)));
      reject(error);
      lines.close();
    }
  };
  lines.on("SIGINT", interrupt);
  lines.on("line", (line) => void lane.run(() => take(line)));
  lines.on("close", () => {
    isClosed = true;
    // What was piped in is answered before leaving; on a terminal there is nothing left to wait for but an answer.
    void lane.idle().then(() => resolve(EXIT.ok));
  });
  lines.prompt();
  return promise.finally(stopListening);
}

/** Talks until the person leaves. Throws ConnectionLost when the gateway goes away. */
export function converse(world: World, client: GatewayClient, events: TurnEvents, sessionKey: string): Promise<number> {
  const isTerminal = world.stdout.isTTY === true && world.stdin.isTTY === true;
  const style = createStyle(world.stdout, world.env);
  const lines = createInterface({
    input: world.stdin,
    ...(isTerminal ? { output: world.stdout as NodeJS.WritableStream } : {}),
    terminal: isTerminal,
    prompt: isTerminal ? `${style.bold(">")} ` : "",
    historySize: 200,
  });
  const talk: Conversation = { world, client, events, sessionKey, style, turn: undefined, leave: () => lines.close() };
  if (isTerminal) greet(talk);
  return listen(talk, lines);
}
