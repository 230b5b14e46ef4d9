/**
 * `npm run dist`: packages the app for this system (see electron-builder.yml). `-- --dir` leaves it unpacked, without an
 * installer. An Electron that is already here is used instead of a download.
 */
import { dirname } from "node:path";
import { build } from "./lib/built.mjs";
import { findElectron } from "./lib/electron.mjs";
import { ensureInstalled } from "./lib/install.mjs";
import { binOf, exitOnSignals, node24, requireNode20, run } from "./lib/node.mjs";

requireNode20();
exitOnSignals();
await ensureInstalled();
const { code, output } = await build({ quiet: true });
if (code !== 0) {
  console.error(`${output}\nThe build failed (see above).`);
  process.exit(1);
}
const electron = process.platform === "linux" ? findElectron() : undefined;
const local = electron ? [`-c.electronDist=${dirname(electron)}`] : [];
const args = process.argv.slice(2);
const wanted = args.length > 0 ? args : ["--dir"];
const result = await run(node24, [binOf("electron-builder"), ...wanted, "--publish", "never", ...local]);
process.exit(result.code);
