/** WhatsApp's decrypted messages, honest and hostile, as the pipeline gets them. */
import { proto } from "@whiskeysockets/baileys";
import { describe, expect, it } from "vitest";
import { toInbound, unwrap, type Received } from "#main/channels/whatsapp/inbound.ts";

const OWN = new Set(["15550001111@s.whatsapp.net", "99900001111@lid"]);
const ANN = "15552223333@s.whatsapp.net";
const GROUP = "120363000000000001@g.us";

/** As it arrives: encoded and decoded by the platform's own schema. */
const wire = (message: proto.IMessage): proto.IMessage => proto.Message.decode(proto.Message.encode(message).finish());

function direct(message: proto.IMessage, more: Partial<Received> & { key?: Received["key"] } = {}) {
  const key = { id: "3A01", remoteJid: "15552223333:4@s.whatsapp.net", fromMe: false, ...more.key };
  return toInbound({ pushName: "Ann", at: 1000, ...more, message: wire(message), key }, OWN);
}

const inGroup = (message: proto.IMessage, participant = "15552223333:2@s.whatsapp.net") =>
  direct(message, { key: { remoteJid: GROUP, participant }, title: "Friends" });

const file = { url: "https://mmg.whatsapp.net/v/t62", mediaKey: Buffer.alloc(32, 1), fileLength: 12, mimetype: "x/y" };

describe("who and where", () => {
  it("leaves the device out of the address", () => {
    const event = direct({ conversation: "hi" });
    expect(event).toMatchObject({
      messageId: `${ANN}:3A01`,
      platformId: "3A01",
      at: 1000,
      chat: { id: ANN, kind: "direct" },
      sender: { id: ANN, name: "Ann" },
      mentionsMe: false,
    });
  });

  it("prefers the number to the hidden address, from the envelope or from earlier, and takes the hidden one else", () => {
    const remoteJid = "88800002222:3@lid";
    const at = (more: Partial<Received>, alt?: string) =>
      direct({ conversation: "x" }, { ...more, key: { remoteJid, ...(alt !== undefined && { remoteJidAlt: alt }) } });
    expect(at({}, ANN)).toMatchObject({ sender: { id: ANN }, chat: { id: ANN } });
    expect(at({ phoneJid: ANN })).toMatchObject({ sender: { id: ANN }, chat: { id: ANN } });
    expect(at({})).toMatchObject({ sender: { id: "88800002222@lid" }, chat: { id: "88800002222@lid" } });
    expect(direct({ conversation: "x" }, { key: { remoteJidAlt: "88800002222@lid" } })).toMatchObject({
      sender: { id: ANN },
    });
  });

  it("takes the participant of a group for the sender", () => {
    const chat = { id: GROUP, kind: "group", title: "Friends" };
    expect(inGroup({ conversation: "x" })).toMatchObject({ chat, sender: { id: ANN } });
    expect(inGroup({ conversation: "x" }, "not an address")).toBeUndefined();
  });

  it("drops our own, statuses, newsletters, broadcasts and addresses that are none", () => {
    expect(direct({ conversation: "x" }, { key: { fromMe: true } })).toBeUndefined();
    expect(inGroup({ conversation: "x" }, "99900001111:7@lid")).toBeUndefined();
    for (const remoteJid of [
      "status@broadcast",
      "1@newsletter",
      "1@broadcast",
      "",
      "@",
      `${"1".repeat(200)}@lid`,
      "a b@lid",
    ]) {
      const key = { remoteJid, remoteJidAlt: ANN, participant: ANN };
      expect(direct({ conversation: "x" }, { key }), remoteJid).toBeUndefined();
    }
  });

  it("marks Meta's bots as bots", () => {
    expect(direct({ conversation: "x" }, { key: { remoteJid: "123@bot" } })).toMatchObject({ sender: { isBot: true } });
  });
});

describe("what", () => {
  it("tells a mention by the list of the platform and takes the mark out", () => {
    const text = "@99900001111 look, @15559998888";
    const mentionedJid = ["99900001111@lid", "15559998888@s.whatsapp.net"];
    expect(inGroup({ extendedTextMessage: { text, contextInfo: { mentionedJid } } })).toMatchObject({
      mentionsMe: true,
      text: "look, @15559998888",
    });
    expect(inGroup({ conversation: "@15550001111 @99900001111" })).toMatchObject({ mentionsMe: false });
  });

  it("tells what is answered, and whether it is ours", () => {
    const quote = (participant: string) => ({
      extendedTextMessage: {
        text: "yes",
        contextInfo: { stanzaId: "3EB0AA", participant, quotedMessage: { conversation: "sure?" } },
      },
    });
    expect(direct(quote("15550001111:7@s.whatsapp.net"))).toMatchObject({
      replyTo: { platformId: "3EB0AA", isToMe: true, text: "sure?" },
    });
    expect(direct(quote(ANN))).toMatchObject({ replyTo: { isToMe: false } });
  });

  it.each([
    [{ imageMessage: { ...file, caption: "look" } }, { kind: "image", mimeType: "x/y", sizeBytes: 12 }],
    [{ videoMessage: { ...file, seconds: 9 } }, { kind: "video", durationSeconds: 9 }],
    [{ ptvMessage: file }, { kind: "video" }],
    [{ audioMessage: file }, { kind: "audio" }],
    [{ audioMessage: { ...file, ptt: true } }, { kind: "voice" }],
    [{ stickerMessage: file }, { kind: "sticker" }],
    [
      { documentMessage: { ...file, fileName: "a\uD800.pdf" } },
      { kind: "document", fileName: expect.stringMatching(/^a\uFFFD+\.pdf$/) as string },
    ],
  ] as const)("maps a file %#", (message, media) => {
    const event = direct(message);
    expect(event).toMatchObject({ type: "message", media: [media] });
  });

  it("opens disappearing, view-once and captioned wrappers, however they are put into each other", () => {
    const inner = { documentMessage: { ...file, caption: "see" } };
    const wrapped = {
      ephemeralMessage: {
        message: { viewOnceMessageV2: { message: { documentWithCaptionMessage: { message: inner } } } },
      },
    };
    expect(direct(wrapped)).toMatchObject({ text: "see", media: [{ kind: "document" }] });
    let deep: proto.IMessage = { conversation: "x" };
    for (let i = 0; i < 50; i++) deep = { ephemeralMessage: { message: deep } };
    expect(direct(deep)).toBeUndefined();
    expect(unwrap({ ephemeralMessage: {} })).toEqual({ ephemeralMessage: {} });
  });

  it("maps places, and drops those that are not on earth", () => {
    const place = { degreesLatitude: 48.1, degreesLongitude: 11.5, name: "Munich" };
    expect(direct({ locationMessage: place })).toMatchObject({
      location: { latitude: 48.1, longitude: 11.5, name: "Munich" },
    });
    expect(direct({ locationMessage: { degreesLatitude: Number.NaN, degreesLongitude: 1 } })).toBeUndefined();
    expect(direct({ locationMessage: { degreesLatitude: 480, degreesLongitude: 1 } })).toBeUndefined();
  });

  it("keeps the pictures of an album together", () => {
    const messageContextInfo = { messageAssociation: { associationType: 1, parentMessageKey: { id: "3A00" } } };
    expect(direct({ imageMessage: file, messageContextInfo })).toMatchObject({ albumId: "3A00" });
  });

  it("maps edits, deletions and reactions", () => {
    const key = { id: "3A00", remoteJid: ANN };
    const edited = { protocolMessage: { key, type: 14, editedMessage: { extendedTextMessage: { text: "new" } } } };
    expect(direct({ editedMessage: { message: edited } })).toMatchObject({
      type: "edit",
      platformId: "3A00",
      text: "new",
    });
    expect(direct({ protocolMessage: { key, type: 0 } })).toMatchObject({ type: "delete", platformIds: ["3A00"] });
    expect(direct({ reactionMessage: { key, text: "👍" } })).toMatchObject({ type: "reaction", emoji: "👍" });
    expect(direct({ reactionMessage: { key, text: "" } })).not.toHaveProperty("emoji");
  });
});

describe("what makes no sense", () => {
  it.each<proto.IMessage>([
    {},
    { conversation: "" },
    { protocolMessage: { type: 0 } },
    { protocolMessage: { type: 14, key: { id: "x" } } },
    { protocolMessage: { type: 5, key: { id: "x" }, historySyncNotification: {} } },
    { reactionMessage: { text: "x" } },
    { imageMessage: { url: "https://mmg.whatsapp.net/x" } },
    { imageMessage: { mediaKey: Buffer.alloc(32), directPath: "no slash" } },
    { senderKeyDistributionMessage: { groupId: GROUP } },
    { pollCreationMessage: { name: "?" } },
    { extendedTextMessage: { contextInfo: { mentionedJid: ["", "x"], stanzaId: "" } } },
  ])("is dropped without a sound %#", (message) => {
    expect(direct(message)).toBeUndefined();
  });

  it("is made sound where the rest of it is", () => {
    expect(direct({ conversation: "x" }, { pushName: "\uD800" })).toMatchObject({ sender: { name: "\uFFFD" } });
    expect(direct({ conversation: "x" }, { key: { id: "" } })).toBeUndefined();
    const odd = { imageMessage: { ...file, url: "", directPath: "/v/x", fileLength: -1, seconds: -4 } };
    const event = direct(odd);
    expect(event).toMatchObject({
      media: [{ ref: expect.stringContaining("https://mmg.whatsapp.net/v/x") as string }],
    });
    expect(event?.type === "message" && event.media[0]).not.toHaveProperty("sizeBytes");
  });
});
