/** The text field: what an Enter means, what fits into a message. */
import { describe, expect, it } from "vitest";
import { isTextFile, MAX_SIDE, toEnclosure, toFitting } from "#renderer/features/chat/composer/enclosure.ts";
import { createImeGuard } from "#renderer/features/chat/composer/ime.ts";

const enter = { key: "Enter", isComposing: false, keyCode: 13, timeStamp: 1000 };

describe("an Enter", () => {
  it("sends", () => {
    expect(createImeGuard().maySend(enter)).toBe(true);
  });

  it("does not send while a word is composed", () => {
    expect(createImeGuard().maySend({ ...enter, isComposing: true })).toBe(false);
    expect(createImeGuard().maySend({ ...enter, keyCode: 229 })).toBe(false);
  });

  it("does not send when it is the one that ended the composition", () => {
    const guard = createImeGuard();
    guard.ended(990);
    expect(guard.maySend(enter)).toBe(false);
    expect(guard.maySend({ ...enter, timeStamp: 1500 })).toBe(true);
  });
});

describe("an enclosure", () => {
  it("is scaled to the longest side that models look at, and never up", () => {
    expect(toFitting(4000, 3000, MAX_SIDE)).toEqual({ width: 1568, height: 1176 });
    expect(toFitting(300, 200, MAX_SIDE)).toEqual({ width: 300, height: 200 });
  });

  it("is text by its type or by its name", () => {
    expect(isTextFile({ name: "main.rs", type: "" })).toBe(true);
    expect(isTextFile({ name: "data.bin", type: "application/octet-stream" })).toBe(false);
  });

  it("is refused with a reason when it is too large, has no room, or is something else", async () => {
    const text = (bytes: number) => new File(["x".repeat(bytes)], "a.txt", { type: "text/plain" });
    expect(await toEnclosure(text(300_000), 400_000, "1")).toBe("tooLarge");
    expect(await toEnclosure(text(100_000), 50_000, "1")).toBe("full");
    expect(await toEnclosure(new File(["x"], "a.exe", { type: "application/x-msdownload" }), 50_000, "1")).toBe(
      "notText",
    );
    expect(await toEnclosure(text(3), 50_000, "1")).toMatchObject({
      attachment: { content: "eHh4", fileName: "a.txt" },
    });
  });
});
