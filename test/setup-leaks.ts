/** For every in-process test file: it closes what it opens. Named in vitest.config.ts; must do nothing else. */
import { afterAll, beforeAll } from "vitest";
import { assertNoNewHandles, openHandles, type OpenHandles } from "./fakes/leaks.ts";

let before: OpenHandles = new Map();

beforeAll(() => {
  before = openHandles();
});

afterAll(() => assertNoNewHandles(before));
