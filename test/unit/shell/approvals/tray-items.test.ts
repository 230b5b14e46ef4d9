/** The tray shows what waits, lets it be denied, and allows only what one line says whole. */
import type { MenuItemConstructorOptions } from "electron";
import { describe, expect, it } from "vitest";
import type { Approval, ApprovalRequest } from "#main/protocol/methods/approvals.ts";
import { mayAllowInPassing, toApprovalItems, toOneLine } from "#main/shell/approvals/tray-items.ts";
import { toApproval } from "./approval.ts";

function setUp(...waiting: Approval[]) {
  const said: string[] = [];
  const items = toApprovalItems(waiting, {
    deny: (id) => said.push(`deny ${id}`),
    allowOnce: (id) => said.push(`allow ${id}`),
    review: (approval) => said.push(`review ${approval?.id ?? "all"}`),
  });
  const press = (item: MenuItemConstructorOptions | undefined) => (item?.click as (() => void) | undefined)?.();
  const below = (index: number) => items[index]?.submenu as MenuItemConstructorOptions[];
  return { items, said, press, below };
}

const labels = (items: readonly MenuItemConstructorOptions[]) => items.map((item) => item.label ?? item.type);

describe("toApprovalItems", () => {
  it("is empty when nothing waits", () => {
    expect(setUp().items).toEqual([]);
  });

  it("[I02] shows the first three with Deny and Review, and the number of all", () => {
    const { items, below, said, press } = setUp(...["a", "b", "c", "d"].map((id) => toApproval(id, { diff: "+x" })));
    expect(labels(items)).toEqual([
      "Create notes/a.md with 12 bytes",
      "Create notes/b.md with 12 bytes",
      "Create notes/c.md with 12 bytes",
      "All approvals (4)…",
    ]);
    expect(labels(below(1))).toEqual(["Deny", "Review…"]);
    for (const item of below(1)) press(item);
    press(items.at(-1));
    expect(said).toEqual(["deny b", "review b", "review all"]);
  });

  it("[I02] offers to allow once what one line says whole", () => {
    const { below, said, press } = setUp(toApproval("a"));
    expect(labels(below(0))).toEqual(["Deny", "Review…", "separator", "Allow once"]);
    press(below(0).at(-1));
    expect(said).toEqual(["allow a"]);
  });

  it("shows ampersands as they are, which a menu would take for the mark of a key", () => {
    expect(setUp(toApproval("a", { summary: "Run a && b" })).items[0]?.label).toBe("Run a &&&& b");
  });
});

describe("toOneLine", () => {
  it("[AP-18] writes out what an eye cannot see, and cuts at sixty characters", () => {
    expect(toOneLine("rm\u202e -rf\n~")).toBe("rm\\u{202e} -rf\\u{a}~");
    expect(toOneLine("x".repeat(60))).toHaveLength(60);
    const cut = toOneLine(`${"x".repeat(59)}yz`);
    expect([cut.length, cut.at(-1), cut.includes("y")]).toEqual([60, "…", false]);
  });
});

describe("mayAllowInPassing", () => {
  const allowed = (request: Partial<ApprovalRequest>) => mayAllowInPassing(toApproval("a", request).request);

  it("allows a plain request of the owner up to level 5", () => {
    expect(allowed({})).toBe(true);
    expect(allowed({ level: 5 })).toBe(true);
    expect(allowed({ summary: "Fetch https://example.org", hosts: ["example.org"] })).toBe(true);
  });

  it.each<[string, Partial<ApprovalRequest>]>([
    ["a higher level", { level: 6 }],
    ["a warning", { warnings: ["mixes Latin and Cyrillic"] }],
    ["a long line", { summary: "x".repeat(61) }],
    ["a hidden character", { summary: "a\u200bb" }],
    ["a diff", { diff: "+x" }],
    ["a command", { command: "ls" }],
    ["a folder", { cwd: "/" }],
    ["a reason", { why: "the command has a pipe" }],
    ["a host that the line does not name", { hosts: ["example.org"] }],
    ["someone else who asks", { requester: "stranger" }],
    ["nobody named who asks", { requester: undefined as unknown as string }],
    ["a decision that may not be made", { allowedDecisions: ["deny"] }],
  ])("[I02] does not allow %s from a menu", (_what, request) => {
    expect(allowed(request)).toBe(false);
  });
});
