/**
 * Builds out/ when it is not what the sources would give: a hash over their contents, kept in out/.stamp, decides, since
 * times change with every checkout.
 */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { binOf, node24, root, run } from "./node.mjs";

const INPUTS = ["src-main", "src-preload", "src-renderer", "resources", "build/schema.ts"];
const FILES = ["electron.vite.config.ts", "package.json", "package-lock.json", "tsconfig.base.json"];
const OUTPUTS = ["main/main.js", "main/cli.js", "preload/preload.cjs", "renderer/index.html"];

function listFiles(path) {
  if (!existsSync(path)) return [];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/\.md$|^protocol\.schema\.json$/.test(entry.name))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}

/** A hash of everything that the build reads. */
export function sourceHash() {
  const hash = createHash("sha256");
  const files = INPUTS.flatMap((input) => {
    const path = join(root, input);
    return input.includes(".") ? [path] : listFiles(path);
  });
  for (const file of [...files, ...FILES.map((name) => join(root, name))].filter(existsSync).sort()) {
    hash.update(file.slice(root.length)).update("\0").update(readFileSync(file)).update("\0");
  }
  return hash.digest("hex");
}

/** True if out/ is complete and belongs to the sources as they are. */
export function isBuilt() {
  const stamp = join(root, "out/.stamp");
  if (!OUTPUTS.every((name) => existsSync(join(root, "out", name)))) return false;
  return existsSync(stamp) && readFileSync(stamp, "utf8") === sourceHash();
}

/** Builds the three processes and the schema file. @returns the exit code and what was printed */
export async function build(options = {}) {
  const hash = sourceHash();
  const bundle = await run(node24, [binOf("electron-vite"), "build", "--logLevel", "warn"], options);
  if (bundle.code !== 0) return bundle;
  const schema = await run(node24, ["build/schema.ts"], options);
  if (schema.code !== 0) return schema;
  const missing = OUTPUTS.filter((name) => !existsSync(join(root, "out", name)));
  if (missing.length > 0) return { code: 1, output: `the build left out ${missing.join(", ")}\n` };
  writeFileSync(join(root, "out/.stamp"), hash);
  return { code: 0, output: bundle.output + schema.output };
}

/** Builds when needed. Exits with the builder's output when it fails. */
export async function ensureBuilt() {
  if (isBuilt()) return;
  console.log("Building …");
  const { code, output } = await build({ quiet: true });
  if (code === 0) return;
  console.error(`${output}\nThe build failed (see above).`);
  process.exit(1);
}
