/** `npm run dev`: electron-vite's watch mode; main and preload are rebuilt, the window reloads. Needs Electron. */
import { electronFlags, getElectron } from "./lib/electron.mjs";
import { ensureInstalled } from "./lib/install.mjs";
import { binOf, exitOnSignals, node24, requireNode20, run } from "./lib/node.mjs";

requireNode20();
exitOnSignals();
await ensureInstalled();
const electron = await getElectron(180_000);
if ("why" in electron) {
  console.error(`The window cannot be opened for development: ${electron.why}.`);
  process.exit(1);
}
const { code } = await run(node24, [binOf("electron-vite"), "dev", "--watch", ...electronFlags()]);
process.exit(code);
