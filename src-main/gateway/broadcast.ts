/**
 * Sends events to those who may have them: by scope, by subscription, by capability, in the shapes of the protocol they
 * speak. A payload is made into JSON once per shape, not once per receiver.
 */
import {
  EVENT_SCOPES,
  type AgentEvent,
  type ChatEvent,
  type EventName,
  type EventPayload,
} from "#main/protocol/events.ts";
import { mayUse } from "#main/protocol/scopes.ts";
import type { Connection } from "./connection.ts";

/** A client with this cap keeps the text itself: deltas come without the text so far. */
export const CAP_DELTA_ONLY = "delta-only";
/** Tool events go only to clients that ask for them. */
export const CAP_TOOL_EVENTS = "tool-events";

export class Broadcast {
  readonly #connections: ReadonlySet<Connection>;
  #versions = { presence: 1, health: 1 };

  constructor(connections: ReadonlySet<Connection>) {
    this.#connections = connections;
  }

  get stateVersion(): { presence: number; health: number } {
    return { ...this.#versions };
  }

  /** To everyone who holds the event's scope. */
  send<N extends EventName>(event: N, payload: EventPayload<N>): void {
    const json = JSON.stringify(payload);
    this.#each(event, () => json);
  }

  /** Presence or health changed: counted, so that a client knows whether its picture is the newest. */
  sendState<N extends "presence" | "health">(event: N, payload: EventPayload<N>): void {
    this.#versions[event] += 1;
    const json = JSON.stringify(payload);
    this.#each(event, () => json, JSON.stringify(this.#versions));
  }

  sendTo<N extends EventName>(connection: Connection, event: N, payload: EventPayload<N>): void {
    const version = event === "health" || event === "presence" ? JSON.stringify(this.#versions) : undefined;
    connection.sendEvent(event, JSON.stringify(payload), version);
  }

  /** To the subscribers of a session's messages. */
  sendMessage(payload: EventPayload<"session.message">): void {
    const json = JSON.stringify(payload);
    this.#each("session.message", (one) => (one.subscriptions.messages.has(payload.sessionKey) ? json : undefined));
  }

  /** To the subscribers of the session list. */
  sendSessionsChanged(payload: EventPayload<"sessions.changed">): void {
    const json = JSON.stringify(payload);
    this.#each("sessions.changed", (one) => (one.subscriptions.sessions ? json : undefined));
  }

  sendChat(payload: ChatEvent): void {
    const full = once(() => JSON.stringify(payload));
    const short = payload.state === "delta" ? once(() => JSON.stringify({ ...payload, message: undefined })) : full;
    // Version 3 knows neither deltaText nor errorKind.
    const old = once(() => JSON.stringify({ ...payload, deltaText: undefined, errorKind: undefined }));
    this.#each("chat", (one) => {
      return one.session?.protocol === 3 ? old() : has(one, CAP_DELTA_ONLY) ? short() : full();
    });
    // A person looks on: it does not wait for what else is done with an answer in the same go.
    for (const connection of this.#connections) connection.release();
  }

  sendAgent(payload: AgentEvent): void {
    const full = once(() => JSON.stringify(payload));
    if (payload.stream === "tool") {
      this.#each("agent", (one) => (has(one, CAP_TOOL_EVENTS) ? full() : undefined));
      return;
    }
    const isText = payload.stream === "assistant";
    const short = isText
      ? once(() => JSON.stringify({ ...payload, data: { delta: payload.data.delta, text: "" } }))
      : full;
    this.#each("agent", (one) => (has(one, CAP_DELTA_ONLY) ? short() : full()));
  }

  /** @param toText the payload for one that may have it; undefined: it does not want it */
  #each(event: EventName, toText: (connection: Connection) => string | undefined, version?: string): void {
    // Own properties only: a family that is not listed goes to nobody, the owner included.
    if (!Object.hasOwn(EVENT_SCOPES, event)) return;
    const scope = EVENT_SCOPES[event];
    for (const connection of this.#connections) {
      const { session } = connection;
      const text = session && mayUse(session.scopes, scope) ? toText(connection) : undefined;
      if (text !== undefined) connection.sendEvent(event, text, version);
    }
  }
}

/** Makes the text when the first receiver needs it, and once. */
function once(make: () => string): () => string {
  let text: string | undefined;
  return () => (text ??= make());
}

function has(connection: Connection, cap: string): boolean {
  return connection.session?.caps.has(cap) === true;
}
