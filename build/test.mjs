/**
 * `npm test`: installs, builds and runs everything, on a fresh clone too. Its last line is `N passed, N failed, N skipped`
 * over all runs; a suite that cannot run is skipped with its reason and never counts as passed.
 * `--check`: what needs no build (npm run check). `--e2e`: the built app only. `--lint`, `--types`: those steps only.
 */
import { ensureBuilt } from "./lib/built.mjs";
import { ensureInstalled } from "./lib/install.mjs";
import { exitOnSignals, requireNode20 } from "./lib/node.mjs";
import { ensurePackages } from "./lib/packages.mjs";
import { runStep, runSuite, STEPS, SUITES, toSeconds } from "./lib/suites.mjs";

const MODES = ["--check", "--e2e", "--lint", "--types"];

/** What a mode runs: check steps, suites, and whether it needs the build and the system packages. */
function toPlan(mode) {
  const steps = Object.keys(STEPS);
  const [main, ...e2e] = SUITES;
  const quick = { ...main, name: "check", projects: ["unit", "contract", "architecture"] };
  if (mode === "--check") return { steps, suites: [quick], full: false };
  if (mode === "--e2e") return { steps: [], suites: e2e, full: true };
  if (mode === "--lint") return { steps: ["lint"], suites: [], full: false };
  if (mode === "--types") return { steps: steps.filter((step) => step.startsWith("types")), suites: [], full: false };
  return { steps, suites: SUITES, full: true };
}

function print({ passed, failed, skipped, failures, skips }, ms) {
  for (const { name, text } of failures) console.log(`\n✗ ${name}\n${text.trimEnd()}`);
  if (skips.length > 0) console.log(`\nSkipped:\n${skips.map((line) => `  ${line}`).join("\n")}`);
  console.log(`\nin ${toSeconds(ms)}\n${passed} passed, ${failed} failed, ${skipped} skipped`);
}

async function main(args) {
  requireNode20();
  const mode = args.find((arg) => MODES.includes(arg));
  const plan = toPlan(mode);
  const started = performance.now();
  await ensureInstalled();
  if (plan.full) {
    await ensurePackages();
    await ensureBuilt();
  }
  const total = { passed: 0, failed: 0, skipped: 0, failures: [], skips: [] };
  const add = (tally) => {
    for (const key of ["passed", "failed", "skipped"]) total[key] += tally[key];
    for (const key of ["failures", "skips"]) total[key].push(...tally[key]);
  };
  for (const step of plan.steps) add(await runStep(step));
  const extra = args.filter((arg) => arg !== mode);
  for (const suite of plan.suites) add(await runSuite(suite, extra));
  print(total, performance.now() - started);
  return total.failed > 0 ? 1 : 0;
}

exitOnSignals();
process.exitCode = await main(process.argv.slice(2));
