/**
 * From what is written to what is in force: expand, check, lay environment and command line over it, fill in defaults,
 * freeze. Pure but for the loading of the validator; never touches a file.
 */
import { Refused } from "#main/base/errors.ts";
import type { ConfigIssue } from "./contract.ts";
import { readEnvironment, type Assignment } from "./environment.ts";
import { expandTree, type Environment, type ExpandedTree } from "./expand.ts";
import { mergePatch } from "./merge-patch.ts";
import type { Config } from "./schema.ts";
import { isSecretNode, schemaAt, withDefaults } from "./schema-walk.ts";
import { freezeTree, isTree, mapStrings, toDotted, withoutValueAt, withValueAt, type Segments } from "./tree.ts";
import { findIssues, findUnknownKeys } from "./validate.ts";

export interface Layers {
  /** The file's tree as written; `{}` when there is none. */
  written: unknown;
  env: Environment;
  /** Values of the command line by dotted path: `{ "gateway.port": 0 }`. Undefined values count as not given. */
  flags: Readonly<Record<string, unknown>>;
}

export type Resolution =
  | { valid: true; config: Config; issues: ConfigIssue[]; warnings: ConfigIssue[] }
  | { valid: false; issues: ConfigIssue[]; warnings: ConfigIssue[] };

/** In force when there is no usable file at all: nothing is allowed that was not asked for. */
const SAFEST = { tools: { approvals: { required: true, autoApproveLevels: [] } } };

/** What is switched off when a variable that it needs is not set: a provider, a channel, or just the value. */
function switchedOff(segments: Segments): { segments: Segments; label: string } {
  const [first, second, third] = segments;
  if (first === "llm" && second === "providers" && typeof third === "string") {
    return { segments: [first, second, third], label: `the provider "${third}" is off until it is` };
  }
  if (first === "channels" && typeof second === "string") {
    return { segments: [first, second], label: `the channel "${second}" is off until it is` };
  }
  if (first === "llm" && second === "routing" && typeof third === "number") {
    return { segments: [first, second, third], label: "this rule is off until it is" };
  }
  return { segments, label: "the default is used" };
}

function removeMissing(expanded: ExpandedTree): { tree: unknown; issues: ConfigIssue[] } {
  const issues: ConfigIssue[] = [];
  let tree = expanded.tree;
  // Backwards, so that removing from a list does not move what is still to be removed.
  for (const { segments, variable } of expanded.missing.toReversed()) {
    const off = switchedOff(segments);
    tree = withoutValueAt(tree, off.segments);
    const path = toDotted(segments);
    issues.unshift({
      path,
      message: `${path} needs the environment variable ${variable}, which is not set; ${off.label}`,
    });
  }
  return { tree, issues };
}

/** Text from a variable may stand for a number or a switch, where the schema wants one. */
function coerced(text: string, segments: Segments): unknown {
  const type = schemaAt(segments)?.["type"];
  if ((type === "integer" || type === "number") && /^-?\d+(?:\.\d+)?$/.test(text)) return Number(text);
  if (type === "boolean" && (text === "true" || text === "false")) return text === "true";
  return text;
}

function withoutEmptySecrets(tree: unknown): unknown {
  const empty: Segments[] = [];
  mapStrings(tree, (text, segments) => {
    if (text === "" && isSecretNode(schemaAt(segments))) empty.push(segments);
    return text;
  });
  return empty.reduceRight<unknown>((rest, segments) => withoutValueAt(rest, segments), tree);
}

function readFlags(flags: Layers["flags"]): Assignment[] {
  const given = Object.entries(flags).filter(([, value]) => value !== undefined);
  return given.map(([path, value]) => ({ segments: path.split("."), value }));
}

function overlay(tree: unknown, assignments: readonly Assignment[]): unknown {
  return assignments.reduce<unknown>((result, { segments, value }) => withValueAt(result, segments, value), tree);
}

/** The file's own part: expanded, numbers and switches recognised, what cannot be had taken out. */
function resolveFile(written: unknown, env: Environment): { tree: unknown; issues: ConfigIssue[] } {
  const expanded = expandTree(written, env);
  const places = new Set(expanded.expanded.map(toDotted));
  const tree = mapStrings(expanded.tree, (text, segments) =>
    places.has(toDotted(segments)) ? coerced(text, segments) : text,
  );
  const removed = removeMissing({ ...expanded, tree });
  return { tree: withoutEmptySecrets(removed.tree), issues: removed.issues };
}

async function refuseBadFlags(config: unknown): Promise<void> {
  const issues = await findIssues(config);
  if (issues.length === 0) return;
  const words = issues.map(({ message }) => message).join("; ");
  throw new Refused("INVALID_REQUEST", `the command line does not fit: ${words}`, { details: { issues } });
}

/**
 * Resolves a file's tree. Not valid: the file does not fit the schema, and nothing of it is to be used.
 * Throws Refused `INVALID_REQUEST` when the command line does not fit; the file is not to blame then.
 */
export async function resolveConfig({ written, env, flags }: Layers): Promise<Resolution> {
  if (!isTree(written)) {
    const message = "the file must hold a section of keys and values at its top";
    return { valid: false, issues: [{ path: "", message }], warnings: [] };
  }
  const isEmpty = Object.keys(written).length === 0;
  const file = isEmpty ? { tree: written, issues: [] } : resolveFile(written, env);
  const warnings = isEmpty ? [] : findUnknownKeys(written);
  if (!isEmpty) {
    const errors = await findIssues(withDefaults(file.tree));
    if (errors.length > 0) return { valid: false, issues: errors, warnings };
  }
  const fromEnvironment = readEnvironment(env, file.tree);
  const fromFlags = readFlags(flags);
  const config = withDefaults(overlay(file.tree, [...fromEnvironment.assignments, ...fromFlags]));
  if (fromFlags.length > 0) await refuseBadFlags(config);
  return {
    valid: true,
    config: freezeTree(structuredClone(config)) as Config,
    issues: [...file.issues, ...fromEnvironment.issues],
    warnings: [...warnings, ...fromEnvironment.warnings],
  };
}

/** What is in force at a start whose file cannot be used: defaults, and nothing runs unasked whatever else is set. */
export async function resolveSafest(layers: Omit<Layers, "written">): Promise<Config> {
  const resolution = await resolveConfig({ ...layers, written: {} });
  const base = resolution.valid ? resolution.config : withDefaults({});
  return freezeTree(mergePatch(base, SAFEST)) as Config;
}
