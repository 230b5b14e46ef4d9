import { describe, expect, it } from "vitest";
import { Broadcast, CAP_DELTA_ONLY, CAP_TOOL_EVENTS } from "#main/gateway/broadcast.ts";
import type { Connection } from "#main/gateway/connection.ts";
import { EVENT_SCOPES, type EventName } from "#main/protocol/events.ts";
import { SCOPES, type Scope } from "#main/protocol/scopes.ts";

interface Sent {
  event: string;
  payload: Record<string, unknown>;
  version?: unknown;
}

function receiver(scopes: readonly Scope[] | undefined, { protocol = 4 as 3 | 4, caps = [] as string[] } = {}) {
  const sent: Sent[] = [];
  const released: number[] = [];
  const session = scopes && { protocol, scopes: new Set(scopes), caps: new Set(caps) };
  const one = {
    session,
    subscriptions: { sessions: false, messages: new Set<string>() },
    sendEvent: (event: string, payload: string, version?: string) =>
      void sent.push({
        event,
        payload: JSON.parse(payload) as Record<string, unknown>,
        ...(version === undefined ? {} : { version: JSON.parse(version) as unknown }),
      }),
    release: () => void released.push(sent.length),
  };
  return Object.assign(one as unknown as Connection, { sent, released });
}

const names = Object.keys(EVENT_SCOPES) as EventName[];

describe("who gets an event", () => {
  it("[HS-46] [D10] exactly those who hold its scope, and admin", () => {
    for (const scope of SCOPES) {
      const one = receiver([scope]);
      const broadcast = new Broadcast(new Set([one]));
      for (const name of names) broadcast.send(name, {} as never);
      const expected = names.filter((name) => {
        const needed = EVENT_SCOPES[name];
        return (
          needed === "none" ||
          needed === scope ||
          scope === "operator.admin" ||
          (scope === "operator.write" && needed === "operator.read")
        );
      });
      expect(
        one.sent.map((sent) => sent.event),
        scope,
      ).toEqual(expected);
    }
  });

  it("[HS-46] nobody gets a family that is not listed, the owner included, nor anything before the handshake", () => {
    const [owner, stranger] = [receiver(SCOPES), receiver(undefined)];
    const broadcast = new Broadcast(new Set([owner, stranger]));
    for (const name of ["new.family", "toString", "__proto__"]) broadcast.send(name as EventName, {} as never);
    for (const name of names) broadcast.send(name, {} as never);
    expect(owner.sent.map((sent) => sent.event)).toEqual(names);
    expect(stranger.sent).toEqual([]);
  });

  it("[HS-46] tool steps go to those with the cap, messages and lists to subscribers", () => {
    const [with_, without] = [receiver(SCOPES, { caps: [CAP_TOOL_EVENTS] }), receiver(SCOPES)];
    const broadcast = new Broadcast(new Set([with_, without]));
    const base = { runId: "r", sessionKey: "s", seq: 1, ts: 1 };
    broadcast.sendAgent({ ...base, stream: "tool", data: { phase: "start", toolCallId: "t", name: "n" } });
    without.subscriptions.messages.add("s");
    without.subscriptions.sessions = true;
    broadcast.sendMessage({ sessionKey: "s", message: {} } as never);
    broadcast.sendMessage({ sessionKey: "other", message: {} } as never);
    broadcast.sendSessionsChanged({ sessionKey: "s", reason: "updated" });
    expect(with_.sent.map((sent) => sent.event)).toEqual(["agent"]);
    expect(without.sent.map((sent) => sent.event)).toEqual(["session.message", "sessions.changed"]);
  });
});

describe("shapes", () => {
  const delta = {
    runId: "r",
    sessionKey: "s",
    seq: 1,
    state: "delta",
    deltaText: "b",
    message: { text: "ab" },
  } as const;
  const failure = {
    runId: "r",
    sessionKey: "s",
    seq: 2,
    state: "error",
    errorMessage: "m",
    errorKind: "timeout",
  } as const;

  it("[B04] version 3 knows neither deltaText nor errorKind", () => {
    const [old, now] = [receiver(SCOPES, { protocol: 3 }), receiver(SCOPES)];
    const broadcast = new Broadcast(new Set([old, now]));
    broadcast.sendChat(delta);
    broadcast.sendChat(failure);
    expect(now.sent.map((sent) => sent.payload)).toEqual([delta, failure]);
    expect(old.sent[0]?.payload).not.toHaveProperty("deltaText");
    expect(old.sent[0]?.payload).toHaveProperty("message");
    expect(old.sent[1]?.payload).not.toHaveProperty("errorKind");
  });

  it("text leaves at once, whatever else is done with the answer in the same go", () => {
    const one = receiver(SCOPES);
    const broadcast = new Broadcast(new Set([one]));
    broadcast.send("tick", { ts: 1 });
    expect(one.released).toEqual([]);
    broadcast.sendChat(delta);
    expect(one.released).toEqual([2]);
  });

  it("who keeps the text itself is not sent it again", () => {
    const lean = receiver(SCOPES, { caps: [CAP_DELTA_ONLY] });
    const broadcast = new Broadcast(new Set([lean]));
    broadcast.sendChat(delta);
    broadcast.sendChat(failure);
    broadcast.sendAgent({
      runId: "r",
      sessionKey: "s",
      seq: 1,
      ts: 1,
      stream: "assistant",
      data: { delta: "b", text: "ab" },
    });
    expect(lean.sent[0]?.payload).not.toHaveProperty("message");
    expect(lean.sent[1]?.payload).toEqual(failure);
    expect(lean.sent[2]?.payload).toMatchObject({ data: { delta: "b", text: "" } });
  });

  it("[B14] presence and health carry both counters, and each counts its own", () => {
    const one = receiver([]);
    const broadcast = new Broadcast(new Set([one]));
    const { presence, health } = broadcast.stateVersion;
    broadcast.sendState("presence", { presence: [] });
    broadcast.sendState("health", {});
    broadcast.sendTo(one, "health", {});
    broadcast.send("tick", { ts: 1 });
    expect(one.sent.map((sent) => sent.version)).toEqual([
      { presence: presence + 1, health },
      { presence: presence + 1, health: health + 1 },
      { presence: presence + 1, health: health + 1 },
      undefined,
    ]);
  });
});
