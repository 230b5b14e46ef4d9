/**
 * The files whose content decides what a shell text does: its programs, and the scripts that interpreters among them are
 * given. An approval holds only while these are unchanged. Looks at names; what a running script reads later is its own.
 */
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { findProgram, identifyFile, type FileIdentity } from "#main/base/process/program.ts";
import { literalOf, simpleCommandsOf, type Script } from "./shell/ast.ts";

/** Files that one plan names. */
const MAX_FILES = 24;
/** Programs that run another one, named behind their options (AP-11). */
const WRAPPERS: ReadonlySet<string> = new Set([
  ...["env", "sudo", "doas", "nohup", "timeout", "nice", "ionice", "time", "exec", "command", "builtin", "xargs"],
  ...["setsid", "stdbuf", "strace", "watch", "chroot", "unshare", "nsenter", "busybox"],
]);
/** How many wrappers in one another are looked through. */
const MAX_WRAPPED = 5;
/** Programs that run the file they are given. */
const INTERPRETER =
  /^(ba|da|z|k|mk|a)?sh$|^(source|\.)$|^(python|pypy|perl|ruby|node|lua|php)[0-9.]*$|^(nodejs|deno|bun|tsx|ts-node|Rscript|awk|gawk|mawk|sed|osascript|expect|tclsh)$/;
/** Programs that run what a file of the folder says. */
const BY_FOLDER: Readonly<Record<string, readonly string[]>> = {
  make: ["GNUmakefile", "makefile", "Makefile"],
  gmake: ["GNUmakefile", "makefile", "Makefile"],
  npm: ["package.json"],
  npx: ["package.json"],
  pnpm: ["package.json"],
  yarn: ["package.json"],
  just: ["justfile", "Justfile"],
  rake: ["Rakefile"],
  cargo: ["Cargo.toml", "build.rs"],
  tox: ["tox.ini"],
  pytest: ["pytest.ini", "pyproject.toml", "conftest.py"],
  docker: ["Dockerfile", "compose.yaml", "docker-compose.yml"],
};

/**
 * The files of a text as they are now. Relative names are taken from `cwd`; a text that changes folders first is bound
 * by its own words only.
 * @param cwd absolute
 */
export async function scriptFiles(script: Script, cwd: string, path: string | undefined): Promise<FileIdentity[]> {
  const wanted = new Set<string>();
  for (const { words } of simpleCommandsOf(script)) {
    const texts = words.map(literalOf);
    for (let depth = 0; depth < MAX_WRAPPED; depth++) {
      const [name, ...rest] = texts;
      if (name === undefined) break;
      const program = await findProgram(name, path, cwd);
      if (program !== undefined) wanted.add(program);
      for (const file of namedBy(baseOf(name), rest)) wanted.add(resolve(cwd, file));
      if (!WRAPPERS.has(baseOf(name))) break;
      texts.splice(0, 1 + optionsBefore(rest));
    }
    if (wanted.size >= MAX_FILES) break;
  }
  const files: FileIdentity[] = [];
  for (const file of [...wanted].slice(0, MAX_FILES)) {
    const stats = await stat(file).catch(() => undefined);
    if (stats?.isFile() === true) files.push(await identifyFile(file));
  }
  return files;
}

function baseOf(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1);
}

/** How many words of a wrapper come before the program: options, variables, a time or a number. */
function optionsBefore(words: readonly (string | undefined)[]): number {
  const at = words.findIndex((word) => word === undefined || !/^(-|[A-Za-z_]\w*=|\+?\d+(\.\d+)?[smhd]?$)/.test(word));
  return at < 0 ? words.length : at;
}

/** Every operand of an interpreter may be the script: which one is, only its own options tell. */
function namedBy(program: string, rest: readonly (string | undefined)[]): string[] {
  const plain = rest.filter((word) => word !== undefined).filter((word) => word !== "");
  if (INTERPRETER.test(program)) return plain.filter((word) => !word.startsWith("-")).slice(0, 4);
  const known = BY_FOLDER[program];
  if (known === undefined) return [];
  // `make -f other.mk`, `docker -f x`: named files count too.
  return [...known, ...plain.filter((word) => !word.startsWith("-")).slice(0, 4)];
}
