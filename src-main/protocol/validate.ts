/** Says in words why a value does not fit a schema. Bounded, whatever the value: it may come from a stranger. */
import type { TLocalizedValidationError } from "typebox/error";

/** Keys from outside are shown escaped and cut, so that a message cannot be forged or flooded by one. */
function shown(key: string): string {
  const plain = key.replace(/[^\x20-\x7e]/gu, "?");
  return plain.length > 60 ? `${plain.slice(0, 60)}…` : plain;
}

function where(instancePath: string): string {
  return instancePath === "" ? "at root: " : `at ${shown(instancePath)}: `;
}

/**
 * The first reason, in the wording that the peer's clients know: `must have required property 'x'`,
 * `at /path: unexpected property 'y'`, `at /path: must be string`.
 */
export function explainErrors(errors: readonly TLocalizedValidationError[]): string {
  const first =
    errors.find((error) => error.keyword === "additionalProperties") ??
    errors.find((error) => error.keyword === "required") ??
    errors.findLast((error) => error.keyword === "enum" || error.keyword === "anyOf") ??
    errors.find((error) => error.keyword !== "boolean") ??
    errors[0];
  if (!first) return "is not valid";
  const params = first.params as Record<string, unknown>;
  if (first.keyword === "required") {
    const missing = (params["requiredProperties"] as string[] | undefined)?.[0] ?? "?";
    const prefix = first.instancePath === "" ? "" : where(first.instancePath);
    return `${prefix}must have required property '${shown(missing)}'`;
  }
  if (first.keyword === "additionalProperties") {
    const extra = (params["additionalProperties"] as string[] | undefined)?.[0] ?? "?";
    return `${where(first.instancePath)}unexpected property '${shown(extra)}'`;
  }
  return `${where(first.instancePath)}${first.message}`;
}
