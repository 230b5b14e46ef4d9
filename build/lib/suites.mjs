/**
 * What `npm test` and `npm run check` run: the check steps, and the vitest suites with what each needs of the machine.
 * A suite that cannot run names the reason; it never counts as passed.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { getElectron } from "./electron.mjs";
import { binOf, childEnv, hasProgram, node24, root, run } from "./node.mjs";

const STEP_MS = 180_000;
const ELECTRON_MS = 60_000;
/** Colours only where a person looks. */
const COLOUR = process.stdout.isTTY ? { CI: "1" } : { CI: "1", NO_COLOR: "1" };
const CHROMIUMS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** The check steps by name: a program of ours each, run with the pinned Node. */
export const STEPS = {
  format: () => [binOf("oxfmt"), "--check"],
  lint: () => [binOf("oxlint"), "--type-aware", "--deny-warnings"],
  "types src-main": () => [binOf("typescript", "tsc"), "-p", "src-main/tsconfig.json"],
  "types src-preload": () => [binOf("typescript", "tsc"), "-p", "src-preload/tsconfig.json"],
  "types src-renderer": () => [binOf("typescript", "tsc"), "-p", "src-renderer/tsconfig.json"],
  "types test": () => [binOf("typescript", "tsc"), "-p", "test/tsconfig.json"],
};

/** Vitest runs. `folders` hold the tests; `needs` gives the reason why a suite cannot run. */
export const SUITES = [
  { name: "main", projects: ["unit", "contract", "architecture", "integration"], timeoutMs: 420_000 },
  { name: "headless", projects: ["headless"], folder: "test/e2e/headless", timeoutMs: 240_000 },
  { name: "browser", projects: ["browser"], folder: "test/e2e/browser", timeoutMs: 300_000, needs: needsChromium },
  { name: "desktop", projects: ["desktop"], folder: "test/e2e/desktop", timeoutMs: 300_000, needs: needsElectron },
];

async function needsChromium() {
  if (process.platform !== "linux" || CHROMIUMS.some(hasProgram)) return {};
  return { why: `no Chromium was found (looked for ${CHROMIUMS.join(", ")})` };
}

async function needsElectron() {
  const { why } = await getElectron(ELECTRON_MS);
  return { why };
}

/** Runs one check step. @returns a tally of one test */
export async function runStep(name) {
  console.log(`\n— ${name}`);
  const { code, output, ms, timedOut } = await run(node24, STEPS[name](), { quiet: true, timeoutMs: STEP_MS });
  console.log(code === 0 ? `  passed (${toSeconds(ms)})` : `  FAILED (${toSeconds(ms)})`);
  if (code === 0) return { passed: 1, failed: 0, skipped: 0, failures: [], skips: [] };
  const text = timedOut ? `no end within ${toSeconds(STEP_MS)}\n${output}` : output;
  return { passed: 0, failed: 1, skipped: 0, failures: [{ name: `check: ${name}`, text }], skips: [] };
}

/** Runs one suite of vitest projects, and reads what came of it. Results stay in test/results for `npm run rows`. */
export async function runSuite(suite, extraArgs = []) {
  console.log(`\n— ${suite.projects.join(", ")}`);
  const file = join(root, `test/results/${suite.name}.json`);
  mkdirSync(join(root, "test/results"), { recursive: true });
  rmSync(file, { force: true });
  const files = suite.folder ? countTestFiles(suite.folder) : 1;
  if (files === 0) return skipped(suite, 1, "it holds no tests yet");
  const { why } = suite.needs ? await suite.needs() : {};
  if (why !== undefined) return skipped(suite, files, why);
  const args = [
    binOf("vitest"),
    "run",
    ...suite.projects.flatMap((project) => ["--project", project]),
    "--passWithNoTests",
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${file}`,
    ...extraArgs,
  ];
  const result = await run(node24, args, { timeoutMs: suite.timeoutMs, env: childEnv(COLOUR) });
  return toTally(suite, file, result);
}

function countTestFiles(folder) {
  const path = join(root, folder);
  if (!existsSync(path)) return 0;
  return readdirSync(path, { recursive: true }).filter((name) => /\.test\.tsx?$/.test(String(name))).length;
}

function skipped(suite, count, why) {
  console.log(`  skipped: ${why}`);
  return { passed: 0, failed: 0, skipped: count, failures: [], skips: [`${suite.name}: ${why}`] };
}

/** Counts what vitest wrote. A file that did not load, a run that broke or hung: a failure each, never silence. */
function toTally(suite, file, result) {
  const tally = { passed: 0, failed: 0, skipped: 0, failures: [], skips: [] };
  const fail = (name, text) => {
    tally.failed += 1;
    tally.failures.push({ name: `${suite.name}: ${name}`, text });
  };
  const report = readReport(file);
  for (const testFile of report?.testResults ?? []) {
    const where = testFile.name.replaceAll("\\", "/").split("/test/").at(-1);
    for (const test of testFile.assertionResults) {
      if (test.status === "passed") tally.passed += 1;
      else if (test.status === "failed") fail(`${where} > ${test.fullName}`, test.failureMessages.join("\n"));
      else {
        tally.skipped += 1;
        tally.skips.push(`${suite.name}: ${where} > ${test.fullName}`);
      }
    }
    const isSilentFailure =
      testFile.status === "failed" && testFile.assertionResults.every((t) => t.status !== "failed");
    if (isSilentFailure) fail(where, testFile.message || "the file failed outside its tests (see above)");
  }
  const tail = result.output.split("\n").slice(-80).join("\n");
  if (result.timedOut) fail("the run", `no end within ${toSeconds(suite.timeoutMs)}; it was stopped\n${tail}`);
  else if (report === undefined) fail("the run", `vitest left no results (exit code ${result.code})\n${tail}`);
  else if (result.code !== 0 && tally.failed === 0) fail("the run", `vitest ended with code ${result.code}\n${tail}`);
  return tally;
}

function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}

export function toSeconds(ms) {
  return `${(ms / 1000).toFixed(1)} s`;
}
