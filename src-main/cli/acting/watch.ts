/**
 * `gatehouse approvals watch`: shows each request as it comes and, on a terminal, takes the answers. Enter denies;
 * allowing takes the word, typed while the request was on the screen. Never answers by itself, nor for a pipe.
 */
import { createInterface, type Interface } from "node:readline";
import type { Clock } from "#main/base/clock.ts";
import { Lane } from "#main/base/lane.ts";
import { messageOf } from "#main/base/errors.ts";
import type { GatewayClient } from "#main/protocol/client.ts";
import type { EventName, EventPayload } from "#main/protocol/events.ts";
import type { Approval, ApprovalDecision } from "#main/protocol/methods/approvals.ts";
import { EXIT, isSet, printLine, type Invocation, type World } from "../command.ts";
import { connectOwner } from "../owner.ts";
import { toTerminalText } from "../terminal.ts";
import { toApprovalText } from "./words.ts";

/** A request counts as read after this: what was typed before it came must not answer it. */
const READ_MS = 1500;
const QUESTION = "Deny with Enter, allow once by typing allow, leave it with later: ";

type Resolved = EventPayload<"exec.approval.resolved">;

/** Who is told of what comes and goes. */
interface Screen {
  requested(approval: Approval): void;
  resolved(event: Resolved): void;
  dispose(): void;
}

/** Follows the approvals until Ctrl-C, the end of the input or the loss of the gateway. @returns the exit code */
export async function watchApprovals(invocation: Invocation, clock: Clock): Promise<number> {
  const { world } = invocation;
  const isTerminal = world.stdout.isTTY === true && world.stdin.isTTY === true && !isSet(invocation, "json");
  const { promise: ended, resolve: end } = Promise.withResolvers<number>();
  const known = new Set<string>();
  const over = new Set<string>();
  /** What came before there was a screen. */
  const early: ((to: Screen) => void)[] = [];
  const begun: { screen?: Screen } = {};
  const tell = (act: (to: Screen) => void) => {
    if (begun.screen) act(begun.screen);
    else early.push(act);
  };
  const request = (approval: Approval) => {
    if (known.has(approval.id) || over.has(approval.id)) return;
    known.add(approval.id);
    tell((to) => to.requested(approval));
  };
  const client = await connectOwner(invocation, {
    onEvent(name: EventName, payload: EventPayload<EventName>) {
      if (name === "exec.approval.requested") request(payload as Approval);
      if (name !== "exec.approval.resolved") return;
      const event = payload as Resolved;
      over.add(event.id);
      if (known.delete(event.id)) tell((to) => to.resolved(event));
    },
    // A list that cannot be had means a lost connection, which is told below.
    onGap: () => void load().catch(() => {}),
    onState(state) {
      if (state.phase !== "disconnected" || state.code === 1000) return;
      printLine(world.stderr, toTerminalText(`the gateway went away: ${state.reason}`));
      end(EXIT.failed);
    },
  });
  const load = async () => {
    for (const approval of await client.request("exec.approval.list", {})) request(approval);
  };
  const stopListening = world.onSignal(() => end(EXIT.ok));
  const screen = isTerminal ? createPrompt(world, client, clock, () => end(EXIT.ok)) : createLog(invocation, clock);
  try {
    begun.screen = screen;
    for (const act of early.splice(0)) act(screen);
    await load();
    return await ended;
  } finally {
    stopListening();
    screen.dispose();
    client.close();
  }
}

/** For a pipe or a file: what happens, and no way to answer. */
function createLog(invocation: Invocation, clock: Clock): Screen {
  const { stdout } = invocation.world;
  const isJson = isSet(invocation, "json");
  return {
    requested(approval) {
      const text = isJson ? JSON.stringify({ event: "requested", approval }) : toApprovalText(approval, clock.now());
      printLine(stdout, text);
    },
    resolved(event) {
      const text = isJson ? JSON.stringify({ event: "resolved", ...event }) : `${event.id}  ${toEnd(event)}`;
      printLine(stdout, isJson ? text : toTerminalText(text));
    },
    dispose() {},
  };
}

function toEnd({ outcome, resolvedBy }: Resolved): string {
  return resolvedBy === "" ? outcome : `${outcome} by ${resolvedBy}`;
}

/** One request at a time, the oldest first. */
function createPrompt(world: World, client: GatewayClient, clock: Clock, onEnd: () => void): Screen {
  const output = world.stdout as NodeJS.WritableStream;
  const lines: Interface = createInterface({ input: world.stdin, output, terminal: true, historySize: 0 });
  const say = (text: string) => printLine(world.stdout, text);
  const lane = new Lane();
  const waiting: Approval[] = [];
  let shown: { approval: Approval; atMs: number } | undefined;
  const showNext = () => {
    const [approval] = waiting;
    shown = approval && { approval, atMs: clock.monotonic() };
    // What was typed for another request must not answer this one.
    lines.write(null, { ctrl: true, name: "e" });
    lines.write(null, { ctrl: true, name: "u" });
    say(approval ? `\n${toApprovalText(approval, clock.now())}` : "\nNothing waits for you. Ctrl-C ends.");
    lines.setPrompt(approval ? QUESTION : "");
    lines.prompt();
  };
  const leave = (id: string) => {
    const index = waiting.findIndex((approval) => approval.id === id);
    if (index >= 0) waiting.splice(index, 1);
    if (shown?.approval.id === id) showNext();
  };
  const answer = async (approval: Approval, decision: ApprovalDecision) => {
    try {
      await client.request("exec.approval.resolve", { id: approval.id, decision });
      say(decision === "deny" ? "Denied." : "Allowed once.");
    } catch (error) {
      say(toTerminalText(messageOf(error)));
    }
    leave(approval.id);
  };
  const take = async (line: string) => {
    if (!shown) return;
    const { approval, atMs } = shown;
    const word = line.trim().toLowerCase();
    const isRead = clock.monotonic() - atMs >= READ_MS;
    if (!isRead && (word === "" || word === "allow")) say("It has only just come: read it, then answer.");
    else if (word === "allow") return await answer(approval, "allow-once");
    else if (word === "" || word === "deny") return await answer(approval, "deny");
    else if (word === "later") return leave(approval.id);
    else say("Enter or deny, allow, or later.");
    lines.prompt();
  };
  lines.on("line", (line) => void lane.run(() => take(line)));
  lines.on("SIGINT", onEnd);
  lines.on("close", onEnd);
  showNext();
  return {
    requested(approval) {
      waiting.push(approval);
      if (!shown) showNext();
    },
    resolved(event) {
      const isShown = shown?.approval.id === event.id;
      if (isShown) say(toTerminalText(`\nOver: ${toEnd(event)}`));
      leave(event.id);
    },
    dispose: () => lines.close(),
  };
}
