/** Twilio's parameters as events: real shapes and hostile ones. */
import { describe, expect, it } from "vitest";
import { toInbound } from "#main/channels/twilio/inbound.ts";

const OWN = "whatsapp:+14155238886";
const NOW = 1_790_000_000_000;
const BASE = {
  MessageSid: "SM00000000000000000000000000000001",
  SmsStatus: "received",
  From: "whatsapp:+15550001111",
  To: OWN,
  WaId: "15550001111",
  ProfileName: "Ann",
  NumMedia: "0",
  Body: "hello",
};
const map = (params: Record<string, string>) => toInbound(new URLSearchParams({ ...BASE, ...params }), OWN, NOW);

describe("a message from Twilio", () => {
  it("says who wrote what, and when it came", () => {
    expect(map({})).toEqual({
      type: "message",
      messageId: BASE.MessageSid,
      platformId: BASE.MessageSid,
      chat: { id: "+15550001111", kind: "direct", title: "Ann" },
      sender: { id: "+15550001111", name: "Ann" },
      at: NOW,
      text: "hello",
      mentionsMe: false,
      media: [],
    });
  });

  it.each([
    ["image/jpeg", "image"],
    ["audio/ogg; codecs=opus", "voice"],
    ["audio/mpeg", "audio"],
    ["video/mp4", "video"],
    ["application/pdf", "document"],
    ["", "document"],
  ])("takes a file of type '%s' for %s", (mimeType, kind) => {
    const MediaUrl0 = "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1";
    const message = map({ Body: "", NumMedia: "1", MediaUrl0, MediaContentType0: mimeType });
    expect(message?.media).toMatchObject([{ kind, ref: MediaUrl0 }]);
  });

  it("tells a sticker from a picture", () => {
    const media = { NumMedia: "1", MediaUrl0: "https://api.twilio.com/x", MediaContentType0: "image/webp" };
    expect(map({ ...media, MessageType: "sticker" })?.media[0]?.kind).toBe("sticker");
  });

  it("gives a place with its name", () => {
    expect(map({ Body: "", Latitude: "52.5", Longitude: "-13.4", Label: "Gate" })?.location).toEqual({
      latitude: 52.5,
      longitude: -13.4,
      name: "Gate",
    });
  });

  it.each([
    ["NaN", "1"],
    ["91", "1"],
    ["1", "Infinity"],
    ["", ""],
    ["1", "-181"],
  ])("drops the place %s, %s, which is nowhere", (Latitude, Longitude) => {
    expect(map({ Latitude, Longitude })?.location).toBeUndefined();
  });

  it("tells whose message is answered", () => {
    const replied = { OriginalRepliedMessageSid: "SM9", OriginalRepliedMessageSender: OWN };
    expect(map(replied)?.replyTo).toEqual({ platformId: "SM9", isToMe: true });
    expect(map({ ...replied, OriginalRepliedMessageSender: BASE.From })?.replyTo?.isToMe).toBe(false);
  });

  it.each([
    ["no id", { MessageSid: "" }],
    ["no sender", { From: "" }],
    ["an empty number", { From: "whatsapp:" }],
    ["another service", { From: "+15550001111" }],
    ["our own number", { From: OWN }],
    ["another receiver", { To: "whatsapp:+1" }],
    ["nothing in it", { Body: "" }],
    ["a delivery status", { MessageStatus: "delivered" }],
    ["an old delivery status", { SmsStatus: "sent" }],
  ])("drops one with %s", (_what, params) => {
    expect(map(params)).toBeUndefined();
  });

  it("lives with numbers and addresses that make no sense", () => {
    const message = map({ NumMedia: "1e9", MediaUrl0: "::", MediaUrl1: "https://x/1", ProfileName: "" });
    expect(message?.media).toEqual([]);
    expect(map({ NumMedia: "-5" })?.media).toEqual([]);
    expect(map({ NumMedia: "999999999", MediaUrl3: "https://x/3" })?.media).toHaveLength(1);
  });
});
