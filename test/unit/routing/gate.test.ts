import { describe, expect, it } from "vitest";
import type { ChannelConfig } from "#main/config/schema.ts";
import { decideAccess, type GateInput } from "#main/routing/gate.ts";

type Message = GateInput["message"];

const direct = (id = "7", more: Partial<Message> = {}): Message => ({
  chat: { id, kind: "direct" },
  sender: { id, name: "Ann" },
  text: "hi",
  mentionsMe: false,
  ...more,
});
const group = (more: Partial<Message> = {}): Message => ({
  ...direct(),
  chat: { id: "-1", kind: "group", spaceId: "G" },
  mentionsMe: true,
  ...more,
});
const decide = (message: Message, rules: ChannelConfig = {}, role?: GateInput["role"]) => {
  const decided = decideAccess({ message, rules, role });
  return decided.decision === "allow" ? (decided.isOwner ? "owner" : "allow") : decided.decision;
};

describe("direct messages", () => {
  it.each<[string, ChannelConfig, GateInput["role"], string]>([
    ["[E12] pairs a stranger when nothing is set", {}, undefined, "pair"],
    ["lets in whom the owner let in", {}, "allowed", "allow"],
    ["knows the owner", {}, "owner", "owner"],
    ["knows the owner from the configuration, written as a number", { owners: [7] }, undefined, "owner"],
    ["[G21] lets in who is on the list", { dmPolicy: "allowlist", allowFrom: [7] }, undefined, "allow"],
    ["[CH-21] drops everyone on an empty list", { dmPolicy: "allowlist", allowFrom: [] }, undefined, "drop"],
    ["drops a stranger who is not on the list", { dmPolicy: "allowlist", allowFrom: ["8"] }, undefined, "drop"],
    ["[CH-20] never takes a name for an id", { dmPolicy: "allowlist", allowFrom: ["Ann", "@Ann"] }, undefined, "drop"],
    ["lets everyone in when open", { dmPolicy: "open" }, undefined, "allow"],
    ["drops the owner too when switched off", { dmPolicy: "disabled" }, "owner", "drop"],
    ["drops the blocked even when open", { dmPolicy: "open", allowFrom: ["7"] }, "blocked", "drop"],
  ])("%s", (_name, rules, role, wanted) => {
    expect(decide(direct(), rules, role)).toBe(wanted);
  });

  it("[CH-28] drops other bots unless the owner let them in", () => {
    const bot = direct("7", { sender: { id: "7", isBot: true } });
    expect(decide(bot, { dmPolicy: "open" })).toBe("drop");
    expect(decide(bot, { dmPolicy: "open" }, "allowed")).toBe("allow");
  });
});

describe("groups", () => {
  it.each<[string, ChannelConfig, GateInput["role"], string]>([
    ["[CH-21] drops strangers in a group that nobody listed", {}, undefined, "drop"],
    ["lets the owner in anywhere while no group is listed", {}, "owner", "owner"],
    ["lets everyone in a listed group in", { groups: { "-1": {} } }, undefined, "allow"],
    ["drops the owner in a group beside the listed ones", { groups: { "-2": {} } }, "owner", "drop"],
    ["knows a group by its server", { guilds: { G: {} } }, undefined, "allow"],
    ["lets everyone in any group in when open", { groupPolicy: "open" }, undefined, "allow"],
    ["drops the owner too when groups are off", { groupPolicy: "disabled" }, "owner", "drop"],
    ["minds the list of one group", { groups: { "-1": { allowFrom: ["9"] } } }, "allowed", "drop"],
    ["never reads a group from the prototype", { groups: {} }, undefined, "drop"],
  ])("%s", (_name, rules, role, wanted) => {
    expect(decide(group(), rules, role)).toBe(wanted);
  });

  it("[CH-23] waits to be mentioned, by the platform's mark or an answer to us, not by words", () => {
    const rules: ChannelConfig = { groups: { "-1": {} } };
    expect(decide(group({ mentionsMe: false, text: "@gatehouse hello" }), rules)).toBe("drop");
    expect(decide(group({ mentionsMe: false, replyTo: { platformId: "1", isToMe: true } }), rules)).toBe("allow");
    expect(decide(group({ mentionsMe: false, replyTo: { platformId: "1", isToMe: false } }), rules)).toBe("drop");
  });

  it("hears everything where no mention is needed, and what fits a pattern", () => {
    const plain = group({ mentionsMe: false, text: "Hey Jarvis, hello" });
    expect(decide(plain, { groups: { "-1": { requireMention: false } } })).toBe("allow");
    expect(decide(plain, { groups: { "-1": {} }, mentionPatterns: ["\\bjarvis\\b"] })).toBe("allow");
  });

  it("lets nobody in through a pattern that is none", () => {
    expect(decide(group({ mentionsMe: false }), { groups: { "-1": {} }, mentionPatterns: ["("] })).toBe("drop");
  });
});
