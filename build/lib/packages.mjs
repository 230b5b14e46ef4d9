/**
 * The system packages that suites need on Debian and Ubuntu: installed as root, named for copying otherwise. A missing
 * package never fails the run; the suite that needs it is skipped and says why.
 */
import { readFileSync } from "node:fs";
import { hasProgram, run } from "./node.mjs";

/** Each entry: names for the same thing, the newest distribution's first. */
const PACKAGES = [
  ["chromium"],
  ["xvfb"],
  ["xauth"],
  ["dbus"],
  ["gnome-keyring"],
  ["libsecret-1-0"],
  ["bubblewrap"],
  ["procps"],
  ["fonts-noto-cjk"],
  ["fonts-dejavu-core"],
  ["libgtk-3-0t64", "libgtk-3-0"],
  ["libnss3"],
  ["libasound2t64", "libasound2"],
  ["libgbm1"],
  ["libdrm2"],
  ["libxss1"],
  ["libatk-bridge2.0-0t64", "libatk-bridge2.0-0"],
  ["libatspi2.0-0t64", "libatspi2.0-0"],
  ["libcups2t64", "libcups2"],
  ["libxkbcommon0"],
  ["libnotify4"],
];
const APT_MS = 240_000;

function isDebian() {
  if (process.platform !== "linux" || !hasProgram("apt-get")) return false;
  try {
    return /^ID(_LIKE)?=.*(debian|ubuntu)/m.test(readFileSync("/etc/os-release", "utf8"));
  } catch {
    return false;
  }
}

async function isPresent(name) {
  const { output } = await run("dpkg-query", ["-W", "-f=${Status}", name], { quiet: true });
  return output.includes("ok installed");
}

async function missingPackages() {
  const missing = [];
  for (const names of PACKAGES) {
    const found = await Promise.all(names.map(isPresent));
    if (!found.includes(true)) missing.push(names);
  }
  return missing;
}

/** The first name that this distribution's lists know. */
async function pickName(names) {
  for (const name of names) {
    const { output } = await run("apt-cache", ["policy", name], { quiet: true });
    if (/Candidate: (?!\(none\))/.test(output)) return name;
  }
  return undefined;
}

/** Installs what is missing when it may; says what to copy when it may not. */
export async function ensurePackages() {
  if (!isDebian()) return;
  const missing = await missingPackages();
  if (missing.length === 0) return;
  if (process.getuid() !== 0) {
    const names = missing.map((entry) => entry.at(-1)).join(" ");
    console.log(`Some suites need system packages. To have them run:\n  sudo apt-get install -y ${names}\n`);
    return;
  }
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  await run("apt-get", ["update", "-qq"], { quiet: true, env, timeoutMs: APT_MS });
  const names = (await Promise.all(missing.map(pickName))).filter((name) => name !== undefined);
  if (names.length === 0) return;
  console.log(`Installing system packages: ${names.join(" ")} …`);
  const args = ["install", "-y", "-qq", "--no-install-recommends", ...names];
  const { code, output } = await run("apt-get", args, { quiet: true, env, timeoutMs: APT_MS });
  if (code !== 0) console.log(`apt-get failed; suites that need these packages are skipped.\n${output.slice(-2000)}`);
}
