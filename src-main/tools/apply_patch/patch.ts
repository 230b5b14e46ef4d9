/** What a patch says, whichever of the two forms it is written in. Types only. */

/** Lines to find and lines to put there. */
export interface Hunk {
  /** ` ` keeps a line, `-` takes it out, `+` puts one in. Lines without their newline. */
  steps: { mark: " " | "-" | "+"; line: string }[];
  /** Line, from 1, at which the old lines begin by the patch's own count. Absent: they are looked for. */
  oldStart?: number;
  /** Text of lines to look for first, one after the other: `@@ class A`. */
  headers: string[];
  /** The old lines are the end of the file. */
  atEnd?: boolean;
  /** `\ No newline at end of file` stood after the last old line, after the last new line. */
  oldUnended?: boolean;
  newUnended?: boolean;
}

/** One file of a patch. */
export type FilePatch =
  | { kind: "add"; path: string; hunks: readonly Hunk[] }
  | { kind: "delete"; path: string; hunks: readonly Hunk[] }
  | { kind: "update"; path: string; moveTo?: string; hunks: readonly Hunk[] };

export const NO_NEWLINE = /^\\ No newline at end of file\s*$/;
