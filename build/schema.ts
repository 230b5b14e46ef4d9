/** Writes src-main/protocol/protocol.schema.json from the schemas. Part of the build; a test holds the file fresh. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { toProtocolSchema } from "#main/protocol/json-schema.ts";
import { requireNode24 } from "./lib/node.mjs";

requireNode24();
const file = join(import.meta.dirname, "../src-main/protocol/protocol.schema.json");
const text = `${JSON.stringify(toProtocolSchema(), null, 1)}\n`;
// Unchanged text is not written again: the file's time is what editors and watchers look at.
if (!existsSync(file) || readFileSync(file, "utf8") !== text) writeFileSync(file, text);
