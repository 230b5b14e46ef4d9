/**
 * What may be written to a terminal. Text from models, devices and pages can hold commands that move the cursor, set
 * the window's title or answer for the person: they are cut out before they get there.
 */
import type { Output } from "./command.ts";

/** CSI, OSC and the other escape sequences of ECMA-48, whole. */
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const SEQUENCES =
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|\u001b(?:[\]PX^_][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[ -/]*[0-~])/g;
/** Control characters but tab and line feed; the 8-bit forms; overrides of the writing direction. */
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

/** Text without anything a terminal would obey. */
export function toTerminalText(text: string): string {
  return text.replace(SEQUENCES, "").replace(CONTROLS, "");
}

export interface Style {
  bold(text: string): string;
  dim(text: string): string;
}

/** Bold and dim on a terminal; plain text in a pipe, with NO_COLOR (https://no-color.org) or a dumb terminal. */
export function createStyle(output: Output, env: Readonly<Record<string, string | undefined>>): Style {
  const isPlain = output.isTTY !== true || Boolean(env["NO_COLOR"]) || env["TERM"] === "dumb";
  const paint = (code: number) => (text: string) => (isPlain ? text : `\u001b[${code}m${text}\u001b[0m`);
  return { bold: paint(1), dim: paint(2) };
}
