/** The application menu, by the custom of each system, and the menu under the right mouse button. Templates only. */
import type { ContextMenuParams, MenuItemConstructorOptions } from "electron";
import type { DesktopEvents } from "#main/protocol/desktop.ts";

export interface MenuActions {
  command(command: DesktopEvents["menu.command"]): void;
  /** +1 larger, −1 smaller, 0 back to normal. */
  zoom(step: -1 | 0 | 1): void;
  quit(): void;
}

type Item = MenuItemConstructorOptions;
const separator: Item = { type: "separator" };

/** @param quitLabel says what quitting stops */
export function toAppMenu(
  options: { platform: NodeJS.Platform; isDev: boolean; quitLabel: string },
  actions: MenuActions,
): Item[] {
  const isMac = options.platform === "darwin";
  const settings: Item = { label: "Settings…", accelerator: "CmdOrCtrl+,", click: () => actions.command("settings") };
  const quit: Item = { label: options.quitLabel, accelerator: "CmdOrCtrl+Q", click: () => actions.quit() };
  const newChat: Item = { label: "New chat", accelerator: "CmdOrCtrl+N", click: () => actions.command("new-chat") };
  const closeWindow: Item = isMac ? { role: "close" } : { role: "close", label: "Close window" };
  const file: Item[] = isMac ? [newChat, separator, closeWindow] : [newChat, settings, separator, closeWindow, quit];
  return [
    ...(isMac ? [toMacMenu(settings, quit)] : []),
    { label: "File", submenu: file },
    { role: "editMenu" },
    { label: "View", submenu: toViewMenu(options.isDev, actions) },
    ...(isMac ? [{ role: "windowMenu" } satisfies Item] : []),
  ];
}

function toMacMenu(settings: Item, quit: Item): Item {
  return {
    label: "Gatehouse",
    submenu: [
      { role: "about" },
      separator,
      settings,
      separator,
      { role: "services" },
      separator,
      { role: "hide" },
      { role: "hideOthers" },
      { role: "unhide" },
      separator,
      quit,
    ],
  };
}

function toViewMenu(isDev: boolean, actions: MenuActions): Item[] {
  const developer: Item[] = isDev ? [separator, { role: "reload" }, { role: "toggleDevTools" }] : [];
  return [
    { label: "Commands…", accelerator: "CmdOrCtrl+K", click: () => actions.command("palette") },
    { label: "Search chats…", accelerator: "CmdOrCtrl+Shift+F", click: () => actions.command("search") },
    separator,
    { label: "Actual size", accelerator: "CmdOrCtrl+0", click: () => actions.zoom(0) },
    { label: "Larger", accelerator: "CmdOrCtrl+Plus", click: () => actions.zoom(1) },
    // The same key without Shift, which most keyboards need for a plus.
    {
      label: "Larger",
      accelerator: "CmdOrCtrl+=",
      visible: false,
      acceleratorWorksWhenHidden: true,
      click: () => actions.zoom(1),
    },
    { label: "Smaller", accelerator: "CmdOrCtrl+-", click: () => actions.zoom(-1) },
    separator,
    { role: "togglefullscreen" },
    ...developer,
  ];
}

/** The part of Electron's parameters in use. */
export type ContextFacts = Pick<
  ContextMenuParams,
  "isEditable" | "selectionText" | "misspelledWord" | "dictionarySuggestions" | "linkURL" | "editFlags"
>;

export interface ContextActions {
  replaceMisspelling(word: string): void;
  learnWord(word: string): void;
  copyText(text: string): void;
}

/** Empty when there is nothing to offer. */
export function toContextMenu(facts: ContextFacts, actions: ContextActions): Item[] {
  const groups: Item[][] = [];
  if (facts.misspelledWord !== "") {
    groups.push([
      ...facts.dictionarySuggestions
        .slice(0, 6)
        .map((word): Item => ({ label: word, click: () => actions.replaceMisspelling(word) })),
      { label: "Add to dictionary", click: () => actions.learnWord(facts.misspelledWord) },
    ]);
  }
  if (/^(https?|mailto):/i.test(facts.linkURL)) {
    groups.push([{ label: "Copy link", click: () => actions.copyText(facts.linkURL) }]);
  }
  if (facts.isEditable) {
    groups.push([
      { role: "cut", enabled: facts.editFlags.canCut },
      { role: "copy", enabled: facts.editFlags.canCopy },
      { role: "paste", enabled: facts.editFlags.canPaste },
      { role: "selectAll", enabled: facts.editFlags.canSelectAll },
    ]);
  } else if (facts.selectionText.trim() !== "") {
    groups.push([{ role: "copy" }]);
  }
  return groups.flatMap((group, index) => (index === 0 ? group : [separator, ...group]));
}
