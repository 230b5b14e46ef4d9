import { existsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { createTempState, tempState } from "#test/fakes/temp-state.ts";

it("makes a folder that only this account can read, and removes it with its contents", async () => {
  const state = createTempState();
  writeFileSync(join(state.dir, "config.yaml"), "a: 1");
  if (process.platform !== "win32") expect(statSync(state.dir).mode & 0o777).toBe(0o700);
  await state.dispose();
  expect(existsSync(state.dir)).toBe(false);
});

it("gives each test a folder of its own", () => {
  expect(tempState()).not.toBe(tempState());
});
