/**
 * Cuts the gateway's own secrets out of what tools give back, whichever way a tool came to read them: a model that reads
 * a key can be made to send it. Part of the assembly. Must never keep a text.
 */
import { CUT, isSecretName } from "#main/base/log-redactor.ts";
import type { Ground } from "./ground.ts";

/** Shorter values are words (`ollama` as the key of a service that wants none), and would be cut out of every text. */
const MIN_CHARS = 12;

/** The values under names of secrets, at any depth. */
function valuesIn(tree: unknown): string[] {
  if (typeof tree !== "object" || tree === null) return [];
  return Object.entries(tree).flatMap(([name, value]) =>
    typeof value === "string" ? (isSecretName(name) ? [value] : []) : valuesIn(value),
  );
}

/** @returns the text with every secret of the gateway, as they are now, replaced */
export function createSecretCutter({ config, secrets }: Pick<Ground, "config" | "secrets">): (text: string) => string {
  return (text) => {
    const stored = secrets.accounts().map((account) => secrets.get(account) ?? "");
    const values = new Set([...valuesIn(config.current), ...stored].map((value) => value.trim()));
    let result = text;
    for (const value of values) {
      if (value.length >= MIN_CHARS && result.includes(value)) result = result.replaceAll(value, CUT);
    }
    return result;
  };
}
