/** A state directory of a test's own, private to this account, gone when the test is. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { toDisposable, type Disposable } from "#main/base/disposable.ts";

/** Makes an empty folder (mode 0700); disposing removes it with all that is in it. */
export function createTempState(): Disposable & { readonly dir: string } {
  const dir = mkdtempSync(join(tmpdir(), "gatehouse-test-"));
  const remove = toDisposable(() => rmSync(dir, { recursive: true, force: true, maxRetries: 3 }));
  return { dir, dispose: () => remove.dispose() };
}

/** The same, removed when the running test ends. Returns the path. Call it inside a test. */
export function tempState(): string {
  const state = createTempState();
  onTestFinished(() => state.dispose());
  return state.dir;
}
