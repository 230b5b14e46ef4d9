/**
 * Writes src-main/protocol/protocol.schema.json and GatehouseProtocol.swift from the schemas. Part of the build; a test
 * holds both files fresh.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { toProtocolSchema } from "./schema/json-schema.ts";
import { toSwift, type SchemaDocument } from "./schema/swift.ts";
import { requireNode24 } from "./lib/node.mjs";

requireNode24();
const folder = join(import.meta.dirname, "../src-main/protocol");
const text = `${JSON.stringify(toProtocolSchema(), null, 1)}\n`;
put("protocol.schema.json", text);
put("GatehouseProtocol.swift", toSwift(JSON.parse(text) as SchemaDocument));

/** Unchanged text is not written again: the file's time is what editors and watchers look at. */
function put(name: string, content: string): void {
  const file = join(folder, name);
  if (!existsSync(file) || readFileSync(file, "utf8") !== content) writeFileSync(file, content);
}
