import { describe, expect, it } from "vitest";
import { callWith } from "./call-with.ts";

const status = () => ({
  ts: 0,
  channelOrder: ["telegram", "discord"],
  channelLabels: { telegram: "Telegram", discord: "Discord" },
  channels: {
    telegram: {
      state: "connected",
      since: 0,
      accounts: [{ accountId: "default", state: "connected", since: 0, identity: "@bot\u001b[2J" }],
    },
    discord: { state: "disabled", since: 0, accounts: [] },
  },
});

describe("gatehouse channels", () => {
  it("[G17] shows how those that are set up stand, clean of terminal commands", async () => {
    const { code, out } = await callWith({ "channels.status": status }, "channels");
    expect([code, out]).toEqual([0, "  Telegram: connected as @bot\n"]);
  });

  it("says what to do when none is set up", async () => {
    const none = () => ({ ...status(), channels: {} });
    expect((await callWith({ "channels.status": none }, "channels")).out).toContain("Channels page");
  });

  it("[G19] lists what was not sent, and sends it again by id", async () => {
    const item = {
      id: "out_1",
      channel: "telegram",
      accountId: "default",
      to: "7",
      state: "failed",
      text: "hi",
      attempts: 6,
      createdAtMs: 0,
      error: "blocked",
    };
    const { out } = await callWith({ "outbox.list": () => ({ items: [item] }) }, "channels", "outbox");
    expect(out).toBe('  out_1  failed  telegram 7  "hi"  (blocked)\n');
    const retry = await callWith({ "outbox.retry": () => ({ ok: true }) }, "channels", "retry", "out_1");
    expect([retry.code, retry.calls[0]?.params]).toEqual([0, { id: "out_1" }]);
  });

  it("refuses what it does not know, and a name that is missing", async () => {
    expect((await callWith({}, "channels", "dance")).code).toBe(2);
    expect((await callWith({}, "channels", "logout")).code).toBe(2);
  });
});

describe("gatehouse pairing", () => {
  const request = {
    requestId: "r",
    channel: "telegram",
    accountId: "default",
    senderId: "7",
    senderName: "Ann",
    code: "ABCD2345",
    createdAtMs: 0,
    expiresAtMs: 0,
    waiting: 2,
  };

  it("[E12] lists who waits with the code to compare", async () => {
    const { out } = await callWith({ "channels.pairing.list": () => ({ requests: [request] }) }, "pairing");
    expect(out).toBe("  ABCD2345  telegram  Ann (7)  2 waiting  until 00:00 UTC\n");
  });

  it("[E12] lets in by the code, with or without the channel, as a guest unless told that it is the owner", async () => {
    const answer = { "channels.pairing.approve": () => ({ requestId: "r", channel: "telegram", senderId: "7" }) };
    const guest = await callWith(answer, "pairing", "approve", "ABCD2345");
    expect(guest.calls[0]?.params).toEqual({ code: "ABCD2345", owner: false });
    const owner = await callWith(answer, "pairing", "approve", "telegram", "ABCD2345", "--owner");
    expect(owner.calls[0]?.params).toEqual({ channel: "telegram", code: "ABCD2345", owner: true });
    expect(owner.out).toContain("is you from now on");
  });
});

describe("gatehouse send", () => {
  it("[B18] sends once per key and waits for the platform's word", async () => {
    const answer = { send: () => ({ id: "out_1", status: "sent" }) };
    const { code, out, calls } = await callWith(
      answer,
      "send",
      "--channel",
      "telegram",
      "--to",
      "7",
      "--key",
      "k",
      "hello",
      "there",
    );
    expect([code, out]).toEqual([0, "sent  out_1\n"]);
    expect(calls[0]?.params).toEqual({
      channel: "telegram",
      to: "7",
      text: "hello there",
      idempotencyKey: "k",
      wait: true,
    });
  });

  it("refuses to send nothing, or to nobody", async () => {
    expect((await callWith({}, "send", "hello")).code).toBe(2);
    expect((await callWith({}, "send", "--to", "7")).code).toBe(2);
  });
});
