/**
 * Applies a patch to files of the workspace, all of it or nothing. Must never write outside, never bend a hunk to make it
 * fit, and never leave some files changed and others not.
 */
import Type, { type Static } from "typebox";
import { makeChanges, planChanges, type Change, type WorkedOut } from "#main/base/confined/changes.ts";
import type { ConfinedFiles } from "#main/base/confined-files.ts";
import { refuse } from "#main/base/errors.ts";
import { defineParams, defineTool } from "../contract.ts";
import { toChanges } from "./changes.ts";
import type { FilePatch } from "./patch.ts";
import { isSectionPatch, parseSections } from "./sections.ts";
import { parseUnified } from "./unified.ts";

const MAX_PATCH = 4 * 1024 * 1024;
const MAX_FILES = 200;

const params = defineParams({
  patch: Type.String({
    minLength: 1,
    maxLength: MAX_PATCH,
    description: "A unified diff, or '*** Begin Patch' with Add, Update, Delete File sections",
  }),
});

export const applyPatchTool = defineTool({
  name: "apply_patch",
  group: "fs",
  description: "Applies a patch to files: all of it, or nothing when a part does not fit.",
  params,
  level: () => 3,
  plan: (args, world) => planChanges(world, (files) => workOut(files, args)),
  run: (args, world, plan) => makeChanges(world, plan.files, (files) => workOut(files, args)),
});

async function workOut(files: ConfinedFiles, args: Static<typeof params>): Promise<WorkedOut> {
  const changes = await toChanges(files, parsePatch(args));
  const told = tell(changes);
  return { changes, summary: `Apply a patch: ${told.join(", ")}`, done: `Applied the patch:\n${told.join("\n")}` };
}

/** The files of a patch in either form. Throws Refused with the line that cannot be read. */
export function parsePatch({ patch }: Static<typeof params>): FilePatch[] {
  if (!patch.isWellFormed()) throw refuse("The patch holds half a character (a lone surrogate).");
  const text = dropReturns(patch);
  const patches = isSectionPatch(text) ? parseSections(text) : parseUnified(text);
  if (patches.length > MAX_FILES)
    throw refuse(`The patch names ${patches.length} files; at most ${MAX_FILES} at once.`);
  return patches;
}

/** A patch that was itself saved with CR LF says nothing about the line ends of its files. */
function dropReturns(patch: string): string {
  return /(^|[^\r])\n/.test(patch) ? patch : patch.replaceAll("\r\n", "\n");
}

function tell(changes: readonly Change[]): string[] {
  const sources = new Set(changes.map((change) => change.renamedFrom?.real));
  return changes
    .filter(({ before, after }) => after !== null || !sources.has(before.real))
    .map(({ before, after, renamedFrom }) => {
      if (renamedFrom !== undefined) return `rename ${renamedFrom.relative} to ${before.relative}`;
      if (after === null) return `delete ${before.relative}`;
      return `${before.bytes === null ? "add" : "update"} ${before.relative}`;
    });
}
