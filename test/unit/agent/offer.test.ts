import { describe, expect, it } from "vitest";
import { SMALL_WINDOW, toOffered } from "#main/agent/offer.ts";

const specs = ["read", "write", "edit", "bash", "web_fetch", "time", "grep"].map((name) => ({
  ...{ name, description: name, params: {} },
}));
const namesOf = (window: number | undefined, denied: readonly string[] = []) =>
  toOffered(specs, window, (tool) => denied.includes(tool)).map(({ name }) => name);

describe("the tools that a model is told of", () => {
  it("are all where the window is large, or not known", () => {
    for (const window of [undefined, SMALL_WINDOW + 1, 1_000_000]) expect(namesOf(window)).toHaveLength(specs.length);
  });

  it("are the five that it needs most where the window is small", () => {
    for (const window of [256, 4096, SMALL_WINDOW])
      expect(namesOf(window)).toEqual(["read", "write", "bash", "web_fetch", "time"]);
  });

  it("[I05] leave out what is denied, in either case", () => {
    expect(namesOf(undefined, ["bash", "edit"])).toEqual(["read", "write", "web_fetch", "time", "grep"]);
    expect(namesOf(4096, ["bash"])).toEqual(["read", "write", "web_fetch", "time"]);
  });
});
