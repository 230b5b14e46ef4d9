/** The system's own dialogs, with the words that they show. */
import type { BrowserWindow, Dialog } from "electron";

/** What closing should do; undefined: the person thought better of it. */
export async function askAboutClosing(
  dialog: Dialog,
  window: BrowserWindow | undefined,
): Promise<"tray" | "quit" | undefined> {
  const question = {
    type: "question" as const,
    message: "Keep Gatehouse running in the tray?",
    detail: "The gateway goes on answering while the window is closed.",
    buttons: ["Keep running", "Quit and stop the gateway", "Cancel"],
    defaultId: 0,
    cancelId: 2,
    noLink: true,
  };
  const answer = window ? await dialog.showMessageBox(window, question) : await dialog.showMessageBox(question);
  return (["tray", "quit"] as const)[answer.response];
}

/** Where to save a file; undefined: the person cancelled. */
export async function askWhereToSave(
  dialog: Dialog,
  window: BrowserWindow | undefined,
  path: string,
): Promise<string | undefined> {
  const question = { defaultPath: path };
  const answer = window ? await dialog.showSaveDialog(window, question) : await dialog.showSaveDialog(question);
  return answer.canceled || answer.filePath === "" ? undefined : answer.filePath;
}
