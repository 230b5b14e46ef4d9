/** The question of the first close, and its answer. */
import { describe, expect, it } from "vitest";
import { createCloseButton, decideClose, type CloseButtonOptions } from "#main/shell/close-button.ts";
import { createManualClock } from "#test/fakes/manual-clock.ts";

function setUp(over: Partial<CloseButtonOptions> = {}) {
  const clock = createManualClock();
  const done: string[] = [];
  let behaviour: "tray" | "quit" | undefined;
  const button = createCloseButton({
    platform: "linux",
    clock,
    hasTrayHost: () => Promise.resolve(true),
    behaviour: () => behaviour,
    remember: (next) => (behaviour = next),
    canAsk: () => true,
    askInWindow: () => done.push("asked in the window"),
    askNatively: () => Promise.resolve(undefined),
    hide: () => done.push("hidden"),
    quit: () => done.push("quit"),
    ...over,
  });
  return { button, clock, done };
}

describe("the close button", () => {
  it("asks in the window, does what is answered, and remembers it", async () => {
    const { button, done } = setUp();
    await button.press();
    button.answer("tray");
    await button.press();
    expect(done).toEqual(["asked in the window", "hidden", "hidden"]);
  });

  it("quits when that is the answer", async () => {
    const { button, done } = setUp();
    await button.press();
    button.answer("quit");
    expect(done).toEqual(["asked in the window", "quit"]);
  });

  it("only remembers a choice made in the settings", () => {
    const { button, done } = setUp();
    button.answer("quit");
    expect(done).toEqual([]);
  });

  it("asks with the system's dialog when the window did not answer, once at a time", async () => {
    const answers: (() => void)[] = [];
    const { button, clock, done } = setUp({
      askNatively: () =>
        new Promise((resolve) => {
          done.push("asked natively");
          answers.push(() => resolve("tray"));
        }),
    });
    await button.press();
    await clock.advance(5000);
    const second = button.press();
    void button.press();
    await clock.advance(0);
    answers[0]?.();
    await second;
    expect(done).toEqual(["asked in the window", "asked natively", "hidden"]);
  });

  it("stays open when the person cancels, and asks in the window the next time", async () => {
    const { button, clock, done } = setUp();
    await button.press();
    await clock.advance(5000);
    await button.press();
    await button.press();
    expect(done).toEqual(["asked in the window", "asked in the window"]);
  });

  it("quits without a question where there is no tray", async () => {
    const { button, done } = setUp({ hasTrayHost: () => Promise.resolve(false) });
    await button.press();
    expect(done).toEqual(["quit"]);
  });
});

const facts = { hasTrayHost: true, behaviour: undefined, canAsk: true, wasAsked: false } as const;

describe("decideClose", () => {
  it("hides on macOS without a question", () => {
    expect(decideClose({ ...facts, platform: "darwin" })).toBe("hide");
    expect(decideClose({ ...facts, platform: "darwin", behaviour: "quit" })).toBe("hide");
  });

  it.each(["win32", "linux"] as const)("asks once on %s and then does what was chosen", (platform) => {
    expect(decideClose({ ...facts, platform })).toBe("ask-in-window");
    expect(decideClose({ ...facts, platform, behaviour: "tray" })).toBe("hide");
    expect(decideClose({ ...facts, platform, behaviour: "quit" })).toBe("quit");
  });

  it("never hides where no tray could bring the window back", () => {
    expect(decideClose({ ...facts, platform: "linux", hasTrayHost: false })).toBe("quit");
    expect(decideClose({ ...facts, platform: "linux", hasTrayHost: false, behaviour: "tray" })).toBe("quit");
  });

  it("asks with the system's dialog when the page cannot, or did not answer", () => {
    expect(decideClose({ ...facts, platform: "win32", canAsk: false })).toBe("ask-natively");
    expect(decideClose({ ...facts, platform: "win32", wasAsked: true })).toBe("ask-natively");
  });
});
