/**
 * Reads the configuration in force. Secrets were cut out by whoever handed it over, and are cut out here once more. Must
 * never change it, and never show a secret.
 */
import Type from "typebox";
import { refuse } from "#main/base/errors.ts";
import { createRedactor, CUT, isSecretName } from "#main/base/log-redactor.ts";
import { defineParams, defineTool } from "../contract.ts";

const MAX_TEXT = 20_000;
const MAX_DEPTH = 30;

export const configReadTool = defineTool({
  name: "config_read",
  group: "config",
  description: "Reads the configuration in force, whole or one part of it. Secrets are left out.",
  params: defineParams({
    path: Type.Optional(Type.String({ minLength: 1, maxLength: 300, description: "Like tools.approvals" })),
  }),
  level: () => 1,
  async run({ path }, { services, signal }) {
    signal.throwIfAborted();
    const clean = withoutSecrets(services.readConfig(), 0);
    const part = path === undefined ? clean : partAt(clean, path);
    const text = JSON.stringify(part, null, 2) ?? "null";
    const cut =
      text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT).toWellFormed()}\n[cut here; ask for a part by path]` : text;
    return { text: cut };
  },
});

/** A copy in which text that is a secret by its name or its shape is cut. */
function withoutSecrets(value: unknown, depth: number): unknown {
  if (typeof value === "string") return createRedactor().redact(value);
  if (typeof value !== "object" || value === null) return value;
  if (depth > MAX_DEPTH) return "…";
  if (Array.isArray(value)) return value.map((entry) => withoutSecrets(entry, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, entry]) => {
      const isSecret = isSecretName(name) && typeof entry === "string" && entry !== "";
      return [name, isSecret ? CUT : withoutSecrets(entry, depth + 1)];
    }),
  );
}

/** The part that dotted names lead to. Own fields only. */
function partAt(config: unknown, path: string): unknown {
  const names = path.split(".");
  let value = config;
  for (const [index, name] of names.entries()) {
    const isThere = typeof value === "object" && value !== null && Object.hasOwn(value, name);
    if (!isThere) {
      const known =
        typeof value === "object" && value !== null ? Object.keys(value).slice(0, 30).join(", ") : "nothing";
      throw refuse(`The configuration has no '${names.slice(0, index + 1).join(".")}'. There is: ${known}.`);
    }
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}
