/**
 * Brings node_modules in line with the lockfile, and only when it is not. It must never change the lockfile.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isWindows, node24, outerEnv, root, run } from "./node.mjs";

/** Everything that building and testing needs, whatever NODE_ENV says; nothing that talks beside the matter. */
const FLAGS = ["--include=dev", "--include=optional", "--no-audit", "--no-fund", "--loglevel=error"];

/** Why an install is needed, in words; undefined when node_modules holds what the lockfile says. */
export function whyInstall() {
  if (!existsSync(join(root, "node_modules"))) return "nothing is installed yet";
  const installed = readPackages("node_modules/.package-lock.json");
  if (installed === undefined) return "the last install did not finish";
  for (const [path, wanted] of Object.entries(readPackages("package-lock.json") ?? {})) {
    if (path === "") continue;
    const found = installed[path];
    if (found === undefined && !wanted.optional && !wanted.devOptional) return `${path} is missing`;
    if (found !== undefined && found.version !== wanted.version) return `${path} is not the version of the lockfile`;
  }
  return existsSync(node24) ? undefined : "the pinned Node is missing";
}

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(join(root, file), "utf8")).packages;
  } catch {
    return undefined;
  }
}

/** Installs when needed. Exits with what to do when npm fails. */
export async function ensureInstalled() {
  const why = whyInstall();
  if (why === undefined) return;
  console.log(`Installing (${why}) …`);
  // `npm ci` empties node_modules, which Windows refuses while a program in it runs, as this one may.
  const command = isWindows && process.execPath.startsWith(root) ? "install" : "ci";
  const npm = process.env.npm_execpath?.endsWith(".js") ? [process.env.npm_execpath] : undefined;
  const outer = process.execPath.startsWith(root) ? "node" : process.execPath;
  const { code } = npm
    ? await run(outer, [...npm, command, ...FLAGS], { env: outerEnv() })
    : await run("npm", [command, ...FLAGS], { env: outerEnv(), shell: isWindows });
  if (code !== 0) {
    console.error(`npm ${command} failed (see above). Check the network, then run the same command again.`);
    process.exit(1);
  }
  const still = whyInstall();
  if (still !== undefined) {
    console.error(`npm ${command} ended, but ${still}. Remove node_modules and run the same command again.`);
    process.exit(1);
  }
}
