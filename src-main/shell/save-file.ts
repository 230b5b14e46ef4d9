/** Saves a text where a person says, through the system's dialog. The window suggests a name and never a folder. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

export interface SaveFileOptions {
  /** Where the dialog opens. */
  folder: string;
  /** Asks for the place; undefined when the person cancels. */
  ask(suggestedPath: string): Promise<string | undefined>;
}

/** A name without folders, reserved characters or a leading dot, fit for every system. */
export function toSafeFileName(name: string): string {
  const last = name.split(/[\\/]/).at(-1) ?? "";
  // oxlint-disable-next-line no-control-regex -- control characters are what is taken out
  const plain = last.replace(/[\u0000-\u001f\u007f<>:"|?*]/g, "_").replace(/^[.\s]+|[.\s]+$/g, "");
  const isDevice = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(plain);
  return plain === "" ? "gatehouse.txt" : isDevice ? `_${plain}` : plain;
}

/** @returns false when the person cancels. Throws when the file cannot be written. */
export async function saveFile(
  file: { fileName: string; content: string },
  options: SaveFileOptions,
): Promise<boolean> {
  const path = await options.ask(join(options.folder, toSafeFileName(file.fileName)));
  if (path === undefined) return false;
  await writeFile(path, file.content, "utf8");
  return true;
}
