/** A channel's JSON Schema as the fields of a form, and what was typed as settings. Pure. */

export interface SettingField {
  name: string;
  label: string;
  hint: string;
  kind: "text" | "secret" | "number" | "switch" | "choice" | "list";
  isRequired: boolean;
  isAdvanced: boolean;
  choices: readonly string[];
  /** What holds when nothing is typed. */
  fallback: string;
  pattern: string | undefined;
}

/** What was typed, by field; a switch is `true` or `false`, a list one entry per line. */
export type Entries = Readonly<Record<string, string>>;
type Fault = "needed" | "number" | "pattern";
type Settings = Readonly<Record<string, unknown>>;

/** Settings that all channels share: they have places of their own. */
const SHARED = /^(?:enabled|accounts|dmPolicy|allowFrom|groupPolicy|requireMention|groups|guilds|rateLimit)$/;

interface SchemaNode {
  type?: unknown;
  title?: string;
  description?: string;
  default?: unknown;
  pattern?: string;
  enum?: unknown[];
  anyOf?: { const?: unknown }[];
  items?: SchemaNode;
  "x-secret"?: boolean;
  "x-advanced"?: boolean;
}

function choicesOf(node: SchemaNode): string[] {
  const values = node.enum ?? node.anyOf?.map((member) => member.const) ?? [];
  return values.every((value) => typeof value === "string") ? values : [];
}

function kindOf(node: SchemaNode): SettingField["kind"] | undefined {
  if (node["x-secret"]) return "secret";
  if (choicesOf(node).length > 0) return "choice";
  if (node.type === "string") return "text";
  if (node.type === "number" || node.type === "integer") return "number";
  if (node.type === "boolean") return "switch";
  return node.type === "array" && node.items?.type === "string" ? "list" : undefined;
}

/** The fields in the order of the schema. What no field can show is left to the configuration file. */
export function toFields(schema: unknown): SettingField[] {
  const { properties = {}, required = [] } = (schema ?? {}) as {
    properties?: Record<string, SchemaNode>;
    required?: string[];
  };
  return Object.entries(properties).flatMap(([name, node]): SettingField[] => {
    const kind = SHARED.test(name) ? undefined : kindOf(node);
    const { title: label = name, description: hint = "", pattern } = node;
    const fallback = toEntry(node.default);
    const isAdvanced = node["x-advanced"] === true;
    // What is hidden until asked for can be done without; the gateway says where not.
    const isRequired = required.includes(name) && fallback === "" && !isAdvanced;
    return kind
      ? [{ name, kind, label, hint, isRequired, isAdvanced, choices: choicesOf(node), fallback, pattern }]
      : [];
  });
}

function toEntry(value: unknown): string {
  if (Array.isArray(value)) return value.join("\n");
  return value === undefined || value === null ? "" : String(value);
}

/** What the form begins with. A secret is never in it. */
export function toEntries(fields: readonly SettingField[], settings: Settings): Entries {
  return Object.fromEntries(
    fields.map(({ name, kind, fallback }) => [name, kind === "secret" ? "" : toEntry(settings[name]) || fallback]),
  );
}

/** `entries` without what was typed as a secret. */
export function withoutSecrets(fields: readonly SettingField[], entries: Entries): Entries {
  const secrets = fields.filter(({ kind }) => kind === "secret");
  return { ...entries, ...Object.fromEntries(secrets.map(({ name }) => [name, ""])) };
}

/** What is missing or cannot be, by field. The gateway has the last word. @param held secrets that are kept already */
export function findFaults(fields: readonly SettingField[], entries: Entries, held: readonly string[]) {
  const faults: Record<string, Fault> = {};
  for (const { name, kind, isRequired, pattern } of fields) {
    const value = entries[name]?.trim() ?? "";
    if (value === "") {
      if (isRequired && !held.includes(name)) faults[name] = "needed";
    } else if (kind === "number" && !Number.isFinite(Number(value))) faults[name] = "number";
    else if (pattern && !new RegExp(pattern, "u").test(value)) faults[name] = "pattern";
  }
  return faults;
}

function toValue(kind: SettingField["kind"], value: string): unknown {
  if (kind === "switch") return value === "true";
  if (kind === "number") return Number(value);
  return kind === "list" ? value.split("\n").flatMap((line) => line.trim() || []) : value;
}

/** What to write: only what differs from what is kept; an emptied field is taken away. */
export function toSettings(fields: readonly SettingField[], entries: Entries, kept: Settings): Record<string, unknown> {
  const before = toEntries(fields, kept);
  const typed = fields.map(({ name, kind }) => ({ name, kind, value: entries[name]?.trim() ?? "" }));
  const changed = typed.filter(({ name, value }) => value !== (before[name] ?? ""));
  return Object.fromEntries(changed.map(({ name, kind, value }) => [name, value ? toValue(kind, value) : null]));
}
