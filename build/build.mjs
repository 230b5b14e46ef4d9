/** `npm run build`: the three processes into out/, and protocol.schema.json and GatehouseProtocol.swift from the schemas. */
import { build } from "./lib/built.mjs";
import { ensureInstalled } from "./lib/install.mjs";
import { exitOnSignals, requireNode20 } from "./lib/node.mjs";

requireNode20();
exitOnSignals();
await ensureInstalled();
const { code, output } = await build();
if (code !== 0 && output.startsWith("the build left out")) console.error(output);
process.exit(code);
