/** What every tool promises. Run for each entry of the list. */
import { describe, expect, it } from "vitest";
import type { AnyTool } from "#main/tools/contract.ts";

export function toolSuite(tools: readonly AnyTool[]): void {
  it("names every tool once", () => {
    const names = tools.map((tool) => tool.name);
    expect(new Set(names).size).toBe(names.length);
  });
  describe.each(tools.map((tool) => [tool.name, tool] as const))("tool %s", (name, tool) => {
    it("has a name that every service takes", () => {
      expect(name).toMatch(/^[a-z_]{1,64}$/);
    });
    it("describes itself in a few words, since every request carries them", () => {
      expect(tool.description.length).toBeGreaterThan(10);
      expect(tool.description.length).toBeLessThan(300);
      expect(JSON.stringify(tool.params).length).toBeLessThan(1500);
    });
    it("takes a closed object", () => {
      expect(JSON.parse(JSON.stringify(tool.params))).toMatchObject({ type: "object", additionalProperties: false });
    });
  });
}
