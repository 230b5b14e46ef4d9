import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Config } from "#main/config/schema.ts";
import { toSession, type RouteInput } from "#main/routing/route.ts";

type Scope = Config["sessions"]["scope"];

const keyOf = (scope: Scope, more: Partial<RouteInput> = {}, links: Record<string, string[]> = {}) =>
  toSession({
    channel: "telegram",
    account: "default",
    message: { chat: { id: "7", kind: "direct" }, sender: { id: "7" } },
    rules: {},
    config: { sessions: { scope, identityLinks: links } as Config["sessions"], bindings: [] },
    ...more,
  }).key;

describe("the conversation of a message", () => {
  it.each<[Scope, string]>([
    ["per-sender", "agent:main:telegram:dm:7"],
    ["main", "agent:main:main"],
    ["per-peer", "agent:main:dm:7"],
    ["per-channel-peer", "agent:main:telegram:dm:7"],
    ["per-account-channel-peer", "agent:main:telegram:default:dm:7"],
  ])("[K01] with scope %s is %s", (scope, key) => {
    expect(keyOf(scope)).toBe(key);
  });

  it("[K01] is one for the linked accounts of a person", () => {
    const links = { ann: ["telegram:7", "signal:+49"] };
    const signal = {
      channel: "signal",
      message: { chat: { id: "x", kind: "direct" as const }, sender: { id: "+49" } },
    };
    expect(keyOf("per-sender", {}, links)).toBe("agent:main:person:ann");
    expect(keyOf("per-sender", signal, links)).toBe("agent:main:person:ann");
    expect(keyOf("per-sender", { channel: "discord" }, links)).toBe("agent:main:discord:dm:7");
  });

  it("[K01] is its own for a group in every scope, and for each thread of it", () => {
    const message = { chat: { id: "-100", kind: "group" as const }, sender: { id: "7" } };
    const inThread = { ...message, chat: { ...message.chat, threadId: "5" } };
    for (const scope of ["main", "per-peer", "per-sender"] as const) {
      expect(keyOf(scope, { message })).toBe("agent:main:telegram:group:-100");
      expect(keyOf(scope, { message: inThread })).toBe("agent:main:telegram:group:-100:thread:5");
    }
  });

  it("belongs to the agent of the first binding that fits, else of the channel", () => {
    const bindings = [
      { agent: "work", chat: "8" },
      { agent: "home", channel: "telegram", sender: 7 },
    ];
    const config = { sessions: { scope: "per-sender", identityLinks: {} } as unknown as Config["sessions"], bindings };
    expect(keyOf("per-sender", { config })).toBe("agent:home:telegram:dm:7");
    expect(keyOf("per-sender", { rules: { agent: "ops" } })).toBe("agent:ops:telegram:dm:7");
  });

  it("[I18] is never the same for two senders, whatever their ids hold", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), (a, b) => {
        const of = (id: string) => keyOf("per-sender", { message: { chat: { id, kind: "direct" }, sender: { id } } });
        const [x, y] = [a.toWellFormed(), b.toWellFormed()];
        if (x.length > 60 || y.length > 60) return;
        expect(of(x) === of(y)).toBe(x === y);
      }),
    );
  });
});
