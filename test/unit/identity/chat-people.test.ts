import { describe, expect, it, onTestFinished } from "vitest";
import { ChatPeople, type PairingEvent } from "#main/identity/chat-people.ts";
import { createPlace } from "../store/open-store.ts";

const who = (senderId: string, channel = "telegram") => ({ channel, account: "default", senderId });
const stranger = (senderId: string, channel?: string) => ({ ...who(senderId, channel), chat: "{}", senderName: "Ann" });

async function open(place = createPlace()) {
  const { db, close } = await place.open();
  const people = new ChatPeople({ db, clock: place.clock, codeSeconds: () => 3600 });
  await people.load();
  onTestFinished(async () => people.dispose());
  const events: PairingEvent["state"][] = [];
  people.onPairing(({ state }) => events.push(state));
  const stop = async () => {
    await people.dispose();
    await close();
  };
  return { people, events, place, close: stop };
}

describe("a stranger", () => {
  it("[E12] gets one code of eight plain characters, however often they write", async () => {
    const { people, events } = await open();
    const first = await people.request(stranger("1"));
    const again = await people.request(stranger("1"));
    expect(first?.code).toMatch(/^[2-9A-HJ-NP-Z]{8}$/);
    expect(again?.code).toBe(first?.code);
    expect(events).toEqual(["requested"]);
  });

  it("[E12] is one of three at most per channel", async () => {
    const { people } = await open();
    for (const id of ["1", "2", "3"]) expect(await people.request(stranger(id))).toBeDefined();
    expect(await people.request(stranger("4"))).toBeUndefined();
    expect(await people.request(stranger("4", "signal"))).toBeDefined();
  });

  it("[E12] has an hour, over a restart too; then the code counts no more", async () => {
    const { people, place, close } = await open();
    const code = (await people.request(stranger("1")))?.code;
    await close();
    const later = await open(place);
    expect(later.people.pairings().map((row) => row.code)).toEqual([code]);
    await place.clock.advance(3_600_000 + 60_000);
    expect(later.events).toEqual(["expired"]);
    expect(later.people.pairings()).toEqual([]);
    await expect(later.people.approve({ code }, "allowed")).rejects.toThrow(/no such pairing request/);
  });

  it("is let in by the code in any spelling, as what the owner said, over a restart too", async () => {
    const { people, place, events, close } = await open();
    const code = (await people.request(stranger("1")))?.code ?? "";
    await people.approve({ channel: "telegram", code: ` ${code.toLowerCase()} ` }, "owner");
    expect(people.roleOf(who("1"))).toBe("owner");
    expect(people.chatsOf("telegram", "default")).toEqual([{ senderId: "1", chat: "{}" }]);
    expect(events).toEqual(["requested", "approved"]);
    await close();
    expect((await open(place)).people.roleOf(who("1"))).toBe("owner");
  });

  it("is not let in by the code of another channel, or by none", async () => {
    const { people } = await open();
    const code = (await people.request(stranger("1")))?.code ?? "";
    await expect(people.approve({ channel: "signal", code }, "allowed")).rejects.toThrow("no such pairing request");
    await expect(people.approve({ channel: "telegram" }, "allowed")).rejects.toThrow("no such pairing request");
    expect(people.roleOf(who("1"))).toBeUndefined();
  });

  it("[CH-20] is another one on another channel or account, whatever the id", async () => {
    const { people } = await open();
    await people.set(who("1"), "owner");
    expect(people.roleOf(who("1", "signal"))).toBeUndefined();
    expect(people.roleOf({ ...who("1"), account: "second" })).toBeUndefined();
  });

  it("can be blocked, and forgotten again", async () => {
    const { people } = await open();
    const request = await people.request(stranger("1"));
    await people.dismiss({ requestId: request?.request_id }, true);
    expect(people.roleOf(who("1"))).toBe("blocked");
    await people.set(who("1"), null);
    expect(people.roleOf(who("1"))).toBeUndefined();
  });
});
