/**
 * One message and its answer over the owner's connection: sends, hands on the text as it comes, ends with what became
 * of it. The run goes on in the gateway when this side goes away; only `abort` stops it.
 */
import { createUuid } from "#main/base/ids.ts";
import { Emitter } from "#main/base/emitter.ts";
import { ConnectionLost, type GatewayClient } from "#main/protocol/client.ts";
import type { ChatEvent } from "#main/protocol/events.ts";
import type { Message } from "#main/protocol/messages.ts";
import { textOf } from "#main/protocol/text-of.ts";

export interface TurnOutcome {
  runId: string;
  status: "ok" | "aborted" | "error";
  /** All of the answer that came. */
  text: string;
  /** The stored message, when there is one. */
  message?: Message;
  error?: string;
}

/** The events of a connection that a turn listens to. */
export interface TurnEvents {
  chat: Emitter<ChatEvent>;
  /** The connection went away. */
  lost: Emitter<string>;
}

export interface Turn {
  runId: string;
  outcome: Promise<TurnOutcome>;
  /** Asks the gateway to stop; the outcome follows. */
  abort(): void;
}

export function createTurnEvents(): TurnEvents {
  return { chat: new Emitter<ChatEvent>(), lost: new Emitter<string>() };
}

/** What of a whole text was not handed on yet. A text that went another way is not repeated. */
function remainderOf(whole: string, sent: string): string {
  return whole.startsWith(sent) ? whole.slice(sent.length) : "";
}

function textOfDelta(event: Extract<ChatEvent, { state: "delta" }>, sent: string): string {
  if (event.deltaText !== undefined) return event.deltaText;
  const { message } = event;
  const hasContent = typeof message === "object" && message !== null && "content" in message;
  return hasContent && Array.isArray(message.content) ? remainderOf(textOf(message as Message), sent) : "";
}

/**
 * Sends a message. The idempotency key is the run's id, so that events that come before the answer are known.
 * @param onText called with each new piece of the answer
 */
export function startTurn(
  client: Pick<GatewayClient, "request">,
  events: TurnEvents,
  sessionKey: string,
  message: string,
  onText: (text: string) => void,
): Turn {
  const runId = createUuid();
  let text = "";
  const add = (more: string) => {
    if (more === "") return;
    text += more;
    onText(more);
  };
  const { promise, resolve, reject } = Promise.withResolvers<TurnOutcome>();
  const finish = (status: TurnOutcome["status"], event?: { message?: Message; errorMessage?: string }) => {
    if (event?.message) add(remainderOf(textOf(event.message), text));
    resolve({
      runId,
      status,
      text,
      ...(event?.message ? { message: event.message } : {}),
      ...(event?.errorMessage === undefined ? {} : { error: event.errorMessage }),
    });
  };
  const listening = events.chat.on((event) => {
    if (event.runId !== runId) return;
    if (event.state === "delta") add(textOfDelta(event, text));
    else finish(event.state === "final" ? "ok" : event.state, event);
  });
  const watching = events.lost.on((reason) => {
    reject(new ConnectionLost(`${reason}; the answer goes on in the gateway, the history will have it`));
  });
  client
    .request("chat.send", { sessionKey, message, idempotencyKey: runId }, { timeoutMs: 0 })
    .then((answer) => {
      if (answer.status === "ok" || answer.status === "error" || answer.status === "aborted") finish(answer.status);
    })
    .catch(reject);
  const outcome = promise.finally(() => {
    void listening.dispose();
    void watching.dispose();
  });
  return {
    runId,
    outcome,
    abort() {
      // It may have ended in this very moment: the outcome tells.
      client.request("chat.abort", { sessionKey, runId }).catch(() => {});
    },
  };
}
