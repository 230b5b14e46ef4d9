/** The schema as `config.schema` answers it: JSON Schema, and hints for a form drawn from it. Pure. */
import { isSecretNode, propertiesOf, recordValueOf, rootNode, type SchemaNode } from "./schema-walk.ts";
import { isTree } from "./tree.ts";

export interface UiHint {
  label: string;
  help?: string;
  /** The value is a secret: a password field, never shown. */
  sensitive?: true;
  order: number;
}

export interface ConfigSchemaAnswer {
  /** JSON Schema of the whole tree. */
  schema: unknown;
  /** By dotted path; `*` stands for any key of a record, `[]` for any element of a list. */
  uiHints: Record<string, UiHint>;
}

/** `idleTimeoutSeconds` → `Idle timeout seconds`. */
function labelOf(key: string): string {
  const words = key.replaceAll(/([a-z0-9])([A-Z])/g, "$1 $2").toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function collect(node: SchemaNode, path: string, hints: Record<string, UiHint>): void {
  let order = 0;
  for (const [key, child] of Object.entries(propertiesOf(node))) {
    const here = path === "" ? key : `${path}.${key}`;
    const help = child["description"];
    hints[here] = {
      label: labelOf(key),
      ...(typeof help === "string" ? { help } : {}),
      ...(isSecretNode(child) ? { sensitive: true as const } : {}),
      order: order++,
    };
    collect(child, here, hints);
  }
  const recordValue = recordValueOf(node);
  if (recordValue !== undefined) {
    if (isSecretNode(recordValue)) hints[`${path}.*`] = { label: "Value", sensitive: true, order: 0 };
    collect(recordValue, `${path}.*`, hints);
  }
  if (isTree(node["items"])) collect(node["items"], `${path}[]`, hints);
}

export function describeConfigSchema(): ConfigSchemaAnswer {
  const uiHints: Record<string, UiHint> = {};
  collect(rootNode(), "", uiHints);
  return { schema: JSON.parse(JSON.stringify(rootNode())) as unknown, uiHints };
}
