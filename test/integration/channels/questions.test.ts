/** Questions to the owner in chats: pressed by the owner they count once; by anybody else they do nothing. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Approval } from "#main/protocol/methods/approvals.ts";
import { toQuestionCode } from "#main/routing/commands.ts";
import { until } from "#test/fakes/channel-context.ts";
import { textAnswer, toolAnswer } from "#test/fakes/openai.ts";
import { startWorld, type ChannelWorld } from "./world.ts";

const ANN = "501";

/** The model writes a file after it was asked to, and says so. */
function scriptWrite(world: ChannelWorld): () => boolean {
  const args = JSON.stringify({ path: "made.txt", content: "made" });
  world.gateway.model.script(toolAnswer([{ id: "call_1", name: "write", args }]), textAnswer("It is done."));
  return () => existsSync(join(world.gateway.stateDir, "workspace", "made.txt"));
}

const question = async ({ platform }: ChannelWorld, chatId = ANN) => {
  const asked = () => platform.sent().find((message) => message.chatId === chatId && message.text.includes("May I?"));
  await until("the question", () => asked() !== undefined);
  const found = asked();
  if (!found) throw new Error("no question");
  return found;
};
const pendingOf = async ({ call }: ChannelWorld): Promise<Approval | undefined> => {
  const list = await call("exec.approval.list", {});
  return list[0];
};

describe("a question to the owner on Telegram", () => {
  it("[I02] [CH-22] runs what was shown when the owner presses, once, and takes the buttons away", async () => {
    const world = await startWorld({ owners: [ANN] });
    const isMade = scriptWrite(world);
    await world.platform.write({ text: "write it" });
    const shown = await question(world);
    const allow = shown.buttons?.find(({ label }) => label === "Allow once")?.data ?? "";
    expect(shown.text).toContain("made.txt");
    expect(isMade()).toBe(false);
    await world.platform.press?.(shown, allow, world.platform.ann);
    await until("the answer", () => world.textsTo(ANN).some((text) => text.includes("It is done.")));
    expect(isMade()).toBe(true);
    const now = () => world.platform.sent().find(({ platformId }) => platformId === shown.platformId);
    await until("no buttons", () => (now()?.buttons ?? []).length === 0);
    expect(now()?.text).toContain("Allowed by telegram:501");
  });

  it("[CH-22] [CH-24] does nothing when somebody else presses, says so to them, and records it", async () => {
    const world = await startWorld({ owners: [ANN], dmPolicy: "open" });
    const isMade = scriptWrite(world);
    await world.platform.write({ text: "write it" });
    const shown = await question(world);
    const allow = shown.buttons?.[0]?.data ?? "";
    await world.platform.press?.(shown, allow, world.platform.bob);
    await until("the press is recorded", () => world.platform.api.calls.some((call) => isNo(call)));
    expect(isMade()).toBe(false);
    expect(await pendingOf(world)).toBeDefined();
    const { entries } = await world.call("audit.list", { limit: 20 });
    expect(entries).toContainEqual(expect.objectContaining({ type: "approval.late", actor: "telegram:502" }));
    await world.platform.press?.(shown, shown.buttons?.[1]?.data ?? "", world.platform.ann);
    await until("the end", () => world.textsTo(ANN).some((text) => text.includes("It is done.")));
    expect(isMade()).toBe(false);
  });

  it("[I03] asks the owner, not the guest, when a guest wants something done", async () => {
    const world = await startWorld({ owners: [ANN], dmPolicy: "open" });
    await world.platform.write({ text: "/whoami" });
    await until("the owner's chat is known", () => world.textsTo(ANN).length === 1);
    const isMade = scriptWrite(world);
    await world.platform.write({ text: "write it", from: world.platform.bob });
    const shown = await question(world, ANN);
    expect(world.textsTo("502").some((text) => text.includes("May I?"))).toBe(false);
    await world.platform.press?.(shown, shown.buttons?.[0]?.data ?? "", world.platform.ann);
    await until("the guest's answer", () => world.textsTo("502").some((text) => text.includes("It is done.")));
    expect(isMade()).toBe(true);
    expect(world.textsTo(ANN).some((text) => text.includes("It is done."))).toBe(false);
  });

  it("[I02] is answered by its code, by the owner alone", async () => {
    const world = await startWorld({ owners: [ANN], dmPolicy: "open" });
    const isMade = scriptWrite(world);
    await world.platform.write({ text: "write it" });
    await question(world);
    const code = toQuestionCode((await pendingOf(world))?.id ?? "");
    await world.platform.write({ text: `/approve ${code}`, from: world.platform.bob });
    await world.platform.write({ text: "/approve 222222" });
    await until("the wrong code is told", () => world.textsTo(ANN).some((text) => text.includes("No question")));
    expect(isMade()).toBe(false);
    expect(world.textsTo("502")).toEqual([]);
    await world.platform.write({ text: `/approve ${code}` });
    await until("the answer", () => world.textsTo(ANN).some((text) => text.includes("It is done.")));
    expect(isMade()).toBe(true);
  });
});

/** The answer to a press of somebody who may not. */
function isNo(call: { method: string; body?: unknown }): boolean {
  return call.method === "answerCallbackQuery" && JSON.stringify(call).includes("Only my owner");
}
