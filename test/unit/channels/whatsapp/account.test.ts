/** What is remembered of messages: found by chat and id, never one in the place of another, never without an end. */
import { describe, expect, it } from "vitest";
import { createRecentMessages } from "#main/channels/whatsapp/account.ts";

const ANN = "15552223333@s.whatsapp.net";
const BOB = "15554445555@s.whatsapp.net";
const of = (author: string, conversation: string) => ({ fromMe: false, author, message: { conversation } });

describe("the messages of the last hours", () => {
  it("are found in their own chat only, whatever id somebody gives theirs", () => {
    const recent = createRecentMessages();
    recent.add(ANN, "3A01", of(ANN, "for your eyes only"));
    recent.add(BOB, `${ANN}:3A01`, of(BOB, "x"));
    expect(recent.get(ANN, "3A01")?.message).toEqual({ conversation: "for your eyes only" });
    expect(recent.get(BOB, "3A01")).toBeUndefined();
    expect(recent.get(BOB, `${ANN}:3A01`)?.message).toEqual({ conversation: "x" });
  });

  it("give a device only what we wrote, by the id alone", () => {
    const recent = createRecentMessages();
    recent.add(ANN, "3EB01", { fromMe: true, author: "me", message: { conversation: "ours" } });
    recent.add(ANN, "3EB01", of(ANN, "theirs"));
    recent.add(BOB, "3A02", of(BOB, "theirs"));
    expect(recent.sent("3EB01")).toEqual({ conversation: "ours" });
    expect(recent.sent("3A02")).toBeUndefined();
    expect(recent.get(ANN, "3EB01")?.fromMe).toBe(true);
    expect(recent.get(BOB, "3EB01")).toBeUndefined();
  });

  it("end with the oldest", () => {
    const recent = createRecentMessages();
    for (let i = 0; i < 5000; i++) recent.add(ANN, String(i), of(ANN, "x"));
    expect(recent.get(ANN, "0")).toBeUndefined();
    expect(recent.get(ANN, "4999")).toBeDefined();
  });
});
