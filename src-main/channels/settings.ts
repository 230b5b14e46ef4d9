/** Fills in the defaults of a channel's settings. Pure. */
import type { TSchema } from "typebox";

/** A copy of `written` with the schema's defaults where something is missing. */
export function withDefaults(schema: TSchema, written: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const properties = "properties" in schema ? (schema.properties as Record<string, { default?: unknown }>) : {};
  const filled: Record<string, unknown> = { ...written };
  for (const [key, node] of Object.entries(properties)) {
    if (filled[key] === undefined && node.default !== undefined) filled[key] = structuredClone(node.default);
  }
  return filled;
}
