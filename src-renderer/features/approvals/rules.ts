/** The rules of the configuration as the window shows them, and three ways to set them. Pure. */

export type Preset = "careful" | "standard" | "trusted";

/** Levels that run without asking. */
export const PRESETS: Record<Preset, readonly number[]> = {
  careful: [1, 2],
  standard: [1, 2, 3],
  trusted: [1, 2, 3, 4, 5],
};

/** What holds when nothing can be read: nothing runs without asking. */
const STRICTEST = { isRequired: true, levels: [] as readonly number[] };

/** @param resolved the configuration in force, as `config.get` gives it */
export function readRules(resolved: unknown): { isRequired: boolean; levels: readonly number[] } {
  const { tools } = (resolved ?? {}) as { tools?: { approvals?: Record<string, unknown> } };
  const approvals = tools?.approvals;
  if (!approvals) return STRICTEST;
  const levels = approvals["autoApproveLevels"];
  return {
    isRequired: approvals["required"] !== false,
    levels: Array.isArray(levels) ? levels.filter((level): level is number => typeof level === "number") : [],
  };
}

/** The preset that these levels are, or undefined when they are a person's own. */
export function toPreset(levels: readonly number[]): Preset | undefined {
  const wanted = [...new Set(levels)].sort().join();
  return (Object.keys(PRESETS) as Preset[]).find((preset) => PRESETS[preset].join() === wanted);
}

/** An example to begin with, for each tool that is tried. */
export function toExample(params: unknown): string {
  const { properties, required } = (params ?? {}) as {
    properties?: Record<string, { type?: string }>;
    required?: string[];
  };
  const entries = (required ?? []).map((name) => {
    const type = properties?.[name]?.type;
    return [name, type === "number" || type === "integer" ? 1 : type === "boolean" ? false : ""] as const;
  });
  return JSON.stringify(Object.fromEntries(entries), null, 2);
}

/** Arguments as a person typed them, or undefined when they are not an object. */
export function readArgs(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
