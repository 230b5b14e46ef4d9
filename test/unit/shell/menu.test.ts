/** The menus hold what each system expects. */
import type { MenuItemConstructorOptions } from "electron";
import { describe, expect, it } from "vitest";
import { toAppMenu, toContextMenu, type ContextFacts, type MenuActions } from "#main/shell/menu.ts";

function flatten(items: readonly MenuItemConstructorOptions[]): MenuItemConstructorOptions[] {
  return items.flatMap((item) => [item, ...(Array.isArray(item.submenu) ? flatten(item.submenu) : [])]);
}

function setUp(platform: NodeJS.Platform, isDev = false) {
  const done: string[] = [];
  const actions: MenuActions = {
    command: (name) => done.push(name),
    zoom: (step) => done.push(`zoom ${step}`),
    quit: () => done.push("quit"),
  };
  const top = toAppMenu({ platform, isDev, quitLabel: "Quit and stop the gateway" }, actions);
  const items = flatten(top);
  const click = (label: string) =>
    items.find((item) => item.label === label)?.click?.(undefined as never, undefined, undefined as never);
  return { top, items, done, click };
}

describe("toAppMenu", () => {
  it.each(["darwin", "win32", "linux"] as const)("reaches every command on %s", (platform) => {
    const { click, done } = setUp(platform);
    for (const label of [
      "New chat",
      "Settings…",
      "Commands…",
      "Search chats…",
      "Larger",
      "Smaller",
      "Actual size",
      "Quit and stop the gateway",
    ])
      click(label);
    expect(done).toEqual(["new-chat", "settings", "palette", "search", "zoom 1", "zoom -1", "zoom 0", "quit"]);
  });

  it("has the app's own menu and a window menu on macOS only", () => {
    expect(setUp("darwin").top.map((item) => item.label ?? item.role)).toEqual([
      "Gatehouse",
      "File",
      "editMenu",
      "View",
      "windowMenu",
    ]);
    expect(setUp("win32").top.map((item) => item.label ?? item.role)).toEqual(["File", "editMenu", "View"]);
  });

  it("offers reload and developer tools in development only", () => {
    const roles = (isDev: boolean) => setUp("linux", isDev).items.map((item) => item.role);
    expect(roles(true)).toEqual(expect.arrayContaining(["reload", "toggleDevTools"]));
    expect(roles(false)).not.toContain("reload");
    expect(roles(false)).not.toContain("toggleDevTools");
  });

  it("gives no two items the same keys", () => {
    const keys = setUp("linux", true).items.flatMap((item) => item.accelerator ?? []);
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe("toContextMenu", () => {
  const nothing: ContextFacts = {
    isEditable: false,
    selectionText: "",
    misspelledWord: "",
    dictionarySuggestions: [],
    linkURL: "",
    editFlags: { canCut: true, canCopy: true, canPaste: false, canSelectAll: true } as ContextFacts["editFlags"],
  };
  const names = (facts: Partial<ContextFacts>, done: string[] = []) =>
    toContextMenu(
      { ...nothing, ...facts },
      {
        replaceMisspelling: (word) => done.push(word),
        learnWord: (word) => done.push(word),
        copyText: (text) => done.push(text),
      },
    ).map((item) => item.label ?? item.role ?? item.type);

  it("offers nothing where there is nothing", () => {
    expect(names({})).toEqual([]);
  });

  it("corrects a misspelled word", () => {
    expect(names({ isEditable: true, misspelledWord: "gatehose", dictionarySuggestions: ["gatehouse"] })).toEqual([
      "gatehouse",
      "Add to dictionary",
      "separator",
      "cut",
      "copy",
      "paste",
      "selectAll",
    ]);
  });

  it("copies selections and plain links, and no script addresses", () => {
    expect(names({ selectionText: "words", linkURL: "https://example.com/" })).toEqual([
      "Copy link",
      "separator",
      "copy",
    ]);
    expect(names({ linkURL: "javascript:alert(1)" })).toEqual([]);
  });
});
