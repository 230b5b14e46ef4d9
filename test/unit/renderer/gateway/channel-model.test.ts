/** Chat platforms as the window knows them: nothing moves back, nothing is counted that needs nobody. */
import { describe, expect, it } from "vitest";
import {
  type Channels,
  countWaiting,
  isolated,
  NO_CHANNELS,
  putAccount,
  putItem,
  putLogin,
  putPairing,
  standingOf,
} from "#renderer/gateway/channel-model.ts";
import { TELEGRAM, toAccount, toItem, toPairing } from "#test/fakes/renderer-channel-scenes.ts";

const withAccount = (state: Parameters<typeof toAccount>[0], since = 10): Channels =>
  putAccount({ ...NO_CHANNELS, offers: [{ ...TELEGRAM, isConfigured: true }] }, "telegram", toAccount(state, since));

describe("how a channel stands", () => {
  it("[G18] is told by its account that stands worst", () => {
    expect(standingOf([toAccount("connected", 1), toAccount("error", 2)]).state).toBe("error");
    expect(standingOf([toAccount("connected", 1), toAccount("degraded", 2)]).state).toBe("degraded");
    expect(standingOf(undefined)).toEqual({ state: "disabled", account: undefined });
  });

  it("[G18] is the newest that was said, whatever comes late", () => {
    const channels = putAccount(withAccount("connected", 20), "telegram", toAccount("connecting", 15));
    expect(standingOf(channels.accounts["telegram"]).state).toBe("connected");
    const later = putAccount(channels, "telegram", toAccount("error", 30));
    expect(later.accounts["telegram"]).toHaveLength(1);
    expect(standingOf(later.accounts["telegram"]).state).toBe("error");
  });
});

describe("somebody who asks to come in", () => {
  it("[E12] is listed once, after those who asked before, until it is decided", () => {
    const first = toPairing("p1", 100);
    const second = toPairing("p2", 50);
    let channels = putPairing(NO_CHANNELS, { state: "requested", request: first });
    channels = putPairing(channels, { state: "requested", request: second });
    channels = putPairing(channels, { state: "requested", request: { ...first, waiting: 3 } });
    expect(channels.pairings.map(({ requestId, waiting }) => [requestId, waiting])).toEqual([
      ["p2", 2],
      ["p1", 3],
    ]);
    for (const state of ["approved", "dismissed", "expired"] as const) {
      expect(putPairing(channels, { state, request: second }).pairings).toHaveLength(1);
    }
  });
});

describe("what leaves", () => {
  it("[G19] is kept while it waits or needs a look, and forgotten once it arrived", () => {
    const failed = putItem(NO_CHANNELS, toItem("o1", 0));
    const both = putItem(failed, toItem("o2", 0, { state: "queued" }));
    expect(both.outbox.map(({ id }) => id)).toEqual(["o2", "o1"]);
    expect(putItem(both, toItem("o1", 0, { state: "sent" })).outbox.map(({ id }) => id)).toEqual(["o2"]);
    expect(putItem(both, toItem("o3", 0, { state: "sent" }))).toBe(both);
  });
});

describe("the number beside the page's name", () => {
  it("counts requests, what did not go out, and channels in trouble", () => {
    let channels = withAccount("error");
    channels = putPairing(channels, { state: "requested", request: toPairing("p1", 0) });
    channels = putItem(channels, toItem("o1", 0));
    channels = putItem(channels, toItem("o2", 0, { state: "may-have-been-sent" }));
    channels = putItem(channels, toItem("o3", 0, { state: "queued" }));
    expect(countWaiting(channels)).toBe(4);
  });

  it("leaves out a connection that comes back by itself, and a channel that was taken away", () => {
    expect(countWaiting(withAccount("disconnected"))).toBe(0);
    expect(countWaiting({ ...withAccount("error"), offers: [TELEGRAM] })).toBe(0);
  });
});

describe("a linking", () => {
  it("is its newest step", () => {
    const event = { channel: "whatsapp", accountId: "default" };
    const first = putLogin(NO_CHANNELS, { ...event, state: "qr", qrDataUrl: "data:1" });
    const next = putLogin(first, { ...event, state: "qr", qrDataUrl: "data:2", expiresAtMs: 9 });
    expect(next.logins["whatsapp"]).toEqual({ state: "qr", qrDataUrl: "data:2", expiresAtMs: 9 });
  });
});

describe("a name", () => {
  it("cannot turn the direction of the sentence around it", () => {
    expect(isolated("\u202eevil")).toBe("\u2068\u202eevil\u2069");
  });
});
