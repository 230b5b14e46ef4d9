/** Envelopes as signal-cli writes them, and as it would never write them, to events of the pipeline. */
import { describe, expect, it } from "vitest";
import type { InboundMessage } from "#main/channels/contract.ts";
import { toInbound } from "#main/channels/signal/inbound.ts";

const ACI = "7ccae375-cd51-4c82-8b1e-7be3280aa485";
const OWN = "0ac1f1ce-0000-4000-8000-000000000001";
const NUMBER = "+18575550100";
const OWN_NUMBER = "+18575550199";
const GROUP = "Pmpi+EfPWmsxiomLe9Nx2XF9HOE483p6iKiFj65iMwI=";
const AT = 1_745_372_297_238;
const self = { account: OWN_NUMBER, aci: OWN };

/** An envelope of signal-cli 0.13. */
function envelope(parts: object, source: object = {}): unknown {
  return {
    envelope: {
      source: NUMBER,
      sourceNumber: NUMBER,
      sourceUuid: ACI,
      sourceName: "Gabriel",
      sourceDevice: 1,
      timestamp: AT,
      serverReceivedTimestamp: AT + 4,
      serverDeliveredTimestamp: AT + 5,
      ...source,
      ...parts,
    },
    account: OWN_NUMBER,
  };
}

const data = (fields: object) => ({
  dataMessage: { timestamp: AT, message: null, expiresInSeconds: 0, viewOnce: false, ...fields },
});
const map = (payload: unknown) => toInbound(payload, self);
const message = (fields: object, source?: object) => map(envelope(data(fields), source)) as InboundMessage;

describe("a message", () => {
  it("becomes who, where, what and when", () => {
    expect(message({ message: "hi *there*" })).toEqual({
      type: "message",
      messageId: `${ACI}:${AT}`,
      platformId: `${AT}:${ACI}`,
      chat: { id: ACI, kind: "direct", title: `Gabriel (${NUMBER})` },
      sender: { id: ACI, name: `Gabriel (${NUMBER})` },
      at: AT,
      text: "hi *there*",
      mentionsMe: false,
      media: [],
    });
  });

  it("of a group stands in the group", () => {
    const groupInfo = { groupId: GROUP, groupName: "Family", revision: 2, type: "DELIVER" };
    expect(message({ message: "x", groupInfo }).chat).toEqual({ id: GROUP, kind: "group", title: "Family" });
  });

  it("[CH-20] is named by the number only where no account id is told, and never by a name", () => {
    expect(message({ message: "x" }, { sourceUuid: null }).sender.id).toBe(NUMBER);
    expect(message({ message: "x" }, { sourceUuid: null, sourceNumber: null }).sender.id).toBe(NUMBER);
    const named = { sourceUuid: null, sourceNumber: null, source: OWN.slice(1), sourceName: ACI };
    expect(message({ message: "x" }, named)).toBeUndefined();
  });

  it("of another account of the same daemon is passed over", () => {
    const payload = { ...(envelope(data({ message: "x" })) as object), account: "+18575550142" };
    expect(map(payload)).toBeUndefined();
    // A number cannot be compared with an account id.
    expect(map({ ...payload, account: OWN })).toMatchObject({ text: "x" });
  });

  it("loses halves of characters", () => {
    expect(message({ message: "a\uD800b" }).text).toBe("a\uFFFDb");
  });
});

describe("mentions", () => {
  const P = "\uFFFC";

  it("[CH-23] of us are taken out and told, those of others become names", () => {
    const mentions = [
      { name: OWN_NUMBER, number: OWN_NUMBER, uuid: OWN, start: 0, length: 1 },
      { name: NUMBER, number: NUMBER, uuid: ACI, start: 12, length: 1 },
    ];
    const { text, mentionsMe } = message({ message: `${P} \u{1F44B} please ${P} too`, mentions });
    expect({ text, mentionsMe }).toEqual({
      text: `\u{1F44B} please @${NUMBER} too`,
      mentionsMe: true,
    });
  });

  it("[CH-23] count by the account id even without a number", () => {
    const mentions = [{ name: null, number: null, uuid: OWN.toUpperCase(), start: 3, length: 1 }];
    expect(message({ message: `hey${P}`, mentions })).toMatchObject({ text: "hey", mentionsMe: true });
  });

  it("[CH-23] that do not lie on Signal's sign are no mentions", () => {
    const mentions = [
      { uuid: OWN, start: 0, length: 1 },
      { uuid: OWN, start: 0, length: 5 },
      { uuid: OWN, start: -1, length: 1 },
      { uuid: OWN, start: 1e9, length: 1 },
      { uuid: OWN, start: "0", length: {} },
      "nonsense",
    ];
    expect(message({ message: "hello @gatehouse", mentions })).toMatchObject({
      text: "hello @gatehouse",
      mentionsMe: false,
    });
  });

  it("on the same sign are replaced once", () => {
    const mention = { name: "Bob", number: null, uuid: ACI, start: 0, length: 1 };
    expect(message({ message: `${P}!`, mentions: [mention, mention] }).text).toBe("@Bob!");
  });
});

describe("an answer", () => {
  it("names the message that it answers, and whether it is one of ours", () => {
    const quote = { id: 17, author: NUMBER, authorNumber: NUMBER, authorUuid: ACI, text: "what?", attachments: [] };
    expect(message({ message: "x", quote }).replyTo).toEqual({ platformId: `17:${ACI}`, isToMe: false, text: "what?" });
    const ours = { id: 18, author: OWN_NUMBER, authorNumber: OWN_NUMBER, authorUuid: null, text: null };
    expect(message({ message: "x", quote: ours }).replyTo).toEqual({ platformId: `18:${OWN}`, isToMe: true });
  });

  it("to nobody is only a message", () => {
    expect(message({ message: "x", quote: { id: 17, author: "someone" } }).replyTo).toBeUndefined();
    expect(message({ message: "x", quote: { id: 1.5, authorUuid: ACI } }).replyTo).toBeUndefined();
  });
});

describe("files", () => {
  const file = (fields: object) => ({ contentType: null, filename: null, id: "6qUv8Qd3_-x.jpg", size: 12, ...fields });
  const kindOf = (fields: object) => message({ attachments: [file(fields)] }).media[0]?.kind;

  it("keep what Signal tells of them", () => {
    expect(message({ attachments: [file({ contentType: "image/jpeg", filename: "a b.jpg" })] }).media).toEqual([
      { kind: "image", ref: "6qUv8Qd3_-x.jpg", mimeType: "image/jpeg", fileName: "a b.jpg", sizeBytes: 12 },
    ]);
  });

  it("are told apart by type, voice notes by having no name", () => {
    expect(kindOf({ contentType: "video/mp4" })).toBe("video");
    expect(kindOf({ contentType: "audio/mpeg", filename: "song.mp3" })).toBe("audio");
    expect(kindOf({ contentType: "audio/mpeg", filename: "song.mp3", voiceNote: true })).toBe("voice");
    expect(kindOf({ contentType: "audio/aac" })).toBe("voice");
    expect(kindOf({ contentType: "text/x-signal-plain" })).toBe("document");
    expect(kindOf({})).toBe("document");
  });

  it("whose id would lead elsewhere are left out", () => {
    const ids = ["../../v1/accounts", "..", ".hidden", "a/b", "a%2Fb", "a?b", "", null, 7, "x".repeat(300)];
    const attachments = ids.map((id) => file({ id }));
    expect(message({ message: "x", attachments }).media).toEqual([]);
  });
});

describe("what comes beside messages", () => {
  it("is a reaction, given or taken back", () => {
    const reaction = {
      emoji: "\u{1F44D}",
      targetAuthor: OWN_NUMBER,
      targetAuthorNumber: OWN_NUMBER,
      targetAuthorUuid: OWN,
      targetSentTimestamp: 17,
      isRemove: false,
    };
    const event = { type: "reaction", sender: { id: ACI }, platformId: `17:${OWN}` };
    expect(map(envelope(data({ reaction })))).toMatchObject({ ...event, emoji: "\u{1F44D}" });
    expect(map(envelope(data({ reaction: { ...reaction, isRemove: true } })))).not.toHaveProperty("emoji");
  });

  it("is a deletion, only of what its author wrote", () => {
    expect(map(envelope(data({ remoteDelete: { timestamp: 17, targetAuthorUuid: OWN } })))).toEqual({
      type: "delete",
      chat: { id: ACI, kind: "direct", title: `Gabriel (${NUMBER})` },
      platformIds: [`17:${ACI}`],
    });
    const adminDelete = { targetAuthor: OWN, targetAuthorUuid: OWN, targetSentTimestamp: 18 };
    expect(map(envelope(data({ adminDelete })))).toBeUndefined();
  });

  it("is a change of text, told under the id that it names", () => {
    const editMessage = { targetSentTimestamp: 17, dataMessage: { timestamp: 19, message: "new" } };
    const event = { type: "edit", platformId: `17:${ACI}`, text: "new", sender: { id: ACI } };
    expect(map(envelope({ editMessage }))).toMatchObject(event);
  });

  it("[CH-28] is nothing when we did it ourselves, here or on another device", () => {
    const fromUs = { source: OWN_NUMBER, sourceNumber: OWN_NUMBER, sourceUuid: OWN };
    const sentMessage = { destinationNumber: NUMBER, timestamp: AT, message: "from the phone" };
    expect(map(envelope({ syncMessage: { sentMessage } }, fromUs))).toBeUndefined();
    expect(message({ message: "x" }, fromUs)).toBeUndefined();
    expect(message({ message: "x" }, { sourceNumber: null, source: OWN, sourceUuid: OWN })).toBeUndefined();
    expect(toInbound(envelope(data({ message: "x" }), fromUs), { account: OWN, aci: undefined })).toBeUndefined();
  });

  it("is nothing when it is no message of a person", () => {
    expect(map(envelope({ typingMessage: { action: "STARTED", timestamp: AT } }))).toBeUndefined();
    expect(map(envelope({ receiptMessage: { when: AT, isDelivery: true, timestamps: [AT] } }))).toBeUndefined();
    expect(map(envelope({ callMessage: { offerMessage: { id: 1 } } }))).toBeUndefined();
    expect(message({ sticker: { packId: "9acc9e8aba563d26a4994e69263e3b25", stickerId: 3 } })).toBeUndefined();
    expect(map(envelope(data({ isExpirationUpdate: true })))).toBeUndefined();
    expect(map(envelope(data({ groupInfo: { groupId: GROUP, type: "UPDATE" } })))).toBeUndefined();
  });
});

it("lives through anything", () => {
  const junk: unknown[] = [undefined, null, 0, "x", [], {}, true, Number.NaN, { a: { b: [] } }, "\uD800", 2 ** 60, -1];
  const keys = ["message", "timestamp", "quote", "mentions", "attachments", "reaction", "groupInfo", "sticker"];
  for (const value of junk) {
    for (const key of [...keys, "remoteDelete", "adminDelete"]) map(envelope(data({ message: "x", [key]: value })));
    for (const key of ["sourceUuid", "sourceName", "timestamp", "dataMessage", "editMessage", "syncMessage"]) {
      map(envelope(data({ message: "x" }), { [key]: value }));
      map(envelope({ editMessage: { targetSentTimestamp: value, dataMessage: value } }, { [key]: value }));
    }
    map(value);
    map({ envelope: value, account: value });
  }
  expect(message({ message: "x", timestamp: "soon" }).at).toBe(AT);
  expect(message({ message: "x", timestamp: 0 })).toBeUndefined();
});
