/** Where iMessage runs, and its settings. */
import { expect, it } from "vitest";
import { imessage } from "#main/channels/imessage/imessage.ts";

const settings = { pollSeconds: 5 };

it("runs on macOS, and elsewhere when program and database are named", () => {
  const both = { ...settings, osascript: "/x/osascript", chatDb: "/x/chat.db" };
  expect(imessage.unavailable?.("darwin", settings)).toBeUndefined();
  expect(imessage.unavailable?.("linux", both)).toBeUndefined();
  expect(imessage.unavailable?.("linux", settings)).toMatch(/Mac/);
  expect(imessage.unavailable?.("win32", { ...settings, chatDb: "/x/chat.db" })).toMatch(/Mac/);
});

it.each([
  [{}, undefined],
  [{ pollSeconds: Number.NaN }, /pollSeconds/],
  [{ pollSeconds: 4000 }, /pollSeconds/],
  [{ osascript: "osascript" }, /osascript/],
  [{ chatDb: "~/chat.db" }, /chatDb/],
])("names what is wrong in the settings: %j", (change, says) => {
  const problem = imessage.check({ ...settings, ...change });
  if (says === undefined) expect(problem).toBeUndefined();
  else expect(problem).toMatch(says);
});
