/**
 * Where the plain operands of a looking command really lead, links resolved. Refuses what nobody may look at without
 * being asked: processes, devices, and the gateway's own files. Patterns are not followed here; a sandbox holds those.
 */
import { realpath } from "node:fs/promises";
import { resolve } from "node:path";
import { isInside } from "#main/base/confined/names.ts";
import { Refused } from "#main/base/errors.ts";
import type { PlanContext } from "../contract.ts";
import { literalOf, type Word } from "./shell/ast.ts";

/**
 * Throws Refused when one of the words leads where it must not.
 * @param words the program's word first
 * @param cwd absolute and real
 */
export async function refuseClosed(
  words: readonly Word[],
  cwd: string,
  { workspace, protectedPaths = [] }: Pick<PlanContext, "workspace" | "protectedPaths">,
): Promise<void> {
  const root = await realpath(workspace);
  const closed = await Promise.all(protectedPaths.map((path) => realpath(path).catch(() => resolve(path))));
  for (const word of words.slice(1)) {
    // A path may also stand behind an option's name.
    const path = literalOf(word)?.replace(/^--?[^=/]*=/, "");
    if (path === undefined || path === "" || path.includes("\0")) continue;
    const given = resolve(cwd, path);
    const real = await realpath(given).catch(() => given);
    if (isSpecial(real) && !isSpecial(given)) throw refuse(path, `is a link to ${real}; name that path itself`);
    // The workspace may lie in a closed folder, and is open all the same.
    const isClosed = closed.some((each) => isInside(each, real) && !(isInside(each, root) && isInside(root, real)));
    if (isClosed) throw refuse(path, "belongs to the gateway itself");
  }
}

function isSpecial(path: string): boolean {
  return /^\/(proc|dev)(\/|$)/.test(path);
}

function refuse(path: string, what: string): Refused {
  return new Refused("INVALID_REQUEST", `'${path}' ${what}.`);
}
