/** Who can read and write the state directory. Looks only; the gateway puts modes right when it starts. */
import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { messageOf } from "#main/base/errors.ts";
import { fault, fine, warning, type Finding } from "./finding.ts";

/** Rights of the group and of others. */
const FOREIGN_BITS = 0o077;

function toMode(mode: number): string {
  return `0${(mode & 0o777).toString(8)}`;
}

function checkEntry(path: string, uid: number | undefined): Finding[] {
  const facts = lstatSync(path);
  if (facts.isSymbolicLink()) return [];
  const wanted = facts.isDirectory() ? "0700" : "0600";
  const findings: Finding[] = [];
  if (uid !== undefined && facts.uid !== uid) {
    findings.push(fault("files", `belongs to another account (uid ${facts.uid})`, path));
  }
  if (uid !== undefined && (facts.mode & FOREIGN_BITS) !== 0) {
    findings.push(warning("files", `others can get at it: its mode is ${toMode(facts.mode)}, not ${wanted}`, path));
  }
  return findings;
}

/** The folder itself and what lies directly in it. Windows keeps rights elsewhere: there nothing is judged. */
export function checkFiles(stateDir: string): Finding[] {
  const uid = process.getuid?.();
  try {
    const entries = readdirSync(stateDir).map((name) => join(stateDir, name));
    const findings = [stateDir, ...entries].flatMap((path) => checkEntry(path, uid));
    return findings.length > 0 ? findings : [fine("files", `${stateDir} is this account's alone`)];
  } catch (error) {
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    if (isMissing) return [fine("files", `${stateDir} does not exist yet; the first start makes it`)];
    return [fault("files", `cannot be read: ${messageOf(error)}`, stateDir)];
  }
}
