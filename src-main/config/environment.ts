/**
 * Environment variables that set something in the configuration, in one table. They stand above the file and below the
 * command line. Only the process's own environment counts: no `.env` file is ever read.
 */
import type { ConfigIssue } from "./contract.ts";
import type { Environment } from "./expand.ts";
import { getAt, type Segments } from "./tree.ts";

/** A value as the table's reader understood it. */
type Read = { value: unknown } | { problem: string };

/** Its name; where its value goes, which may depend on the provider in use; how it is read, as text unless told. */
type Variable = readonly [
  name: string,
  path: Segments | ((provider: string) => Segments),
  read?: (text: string) => Read,
];

function readPort(value: string): Read {
  const port = Number(value);
  if (/^\d{1,5}$/.test(value) && port <= 65_535) return { value: port };
  return { problem: "must be a whole number between 0 and 65535" };
}

function readSwitch(value: string): Read {
  const word = value.trim().toLowerCase();
  if (["true", "1", "yes", "on"].includes(word)) return { value: true };
  if (["false", "0", "no", "off"].includes(word)) return { value: false };
  return { problem: "must be true or false" };
}

function readLevel(value: string): Read {
  const level = value.trim().toLowerCase();
  if (["trace", "debug", "info", "warn", "error"].includes(level)) return { value: level };
  return { problem: "must be one of trace, debug, info, warn, error" };
}

const TOKEN: Segments = ["gateway", "auth", "token"];
const ofProvider = (key: string) => (provider: string) => ["llm", "providers", provider, key];

/** The first variable that is set wins where two name one place. LLM_PROVIDER and LLM_MODEL are read together, below. */
export const VARIABLES: readonly Variable[] = [
  ["GATEHOUSE_GATEWAY_TOKEN", TOKEN],
  ["OPENCLAW_GATEWAY_TOKEN", TOKEN],
  ["CODERCLAW_GATEWAY_TOKEN", TOKEN],
  ["API_KEY", TOKEN],
  ["API_PORT", ["gateway", "port"], readPort],
  ["GATEHOUSE_LOG_LEVEL", ["logging", "level"], readLevel],
  ["LLM_BASE_URL", ofProvider("baseUrl")],
  ["LLM_API_KEY", ofProvider("apiKey")],
  ["CLAUDE_API_KEY", ["llm", "providers", "anthropic", "apiKey"]],
  ["APPROVAL_REQUIRED", ["tools", "approvals", "required"], readSwitch],
  ["TELEGRAM_BOT_TOKEN", ["channels", "telegram", "token"]],
  ["DISCORD_BOT_TOKEN", ["channels", "discord", "token"]],
  ["SLACK_BOT_TOKEN", ["channels", "slack", "botToken"]],
  ["SLACK_APP_TOKEN", ["channels", "slack", "appToken"]],
  ["SLACK_SIGNING_SECRET", ["channels", "slack", "signingSecret"]],
  ["TWILIO_ACCOUNT_SID", ["channels", "twilio", "accountSid"]],
  ["TWILIO_AUTH_TOKEN", ["channels", "twilio", "authToken"]],
  ["TWILIO_PHONE_NUMBER", ["channels", "twilio", "from"]],
  ["LINE_CHANNEL_ACCESS_TOKEN", ["channels", "line", "accessToken"]],
  ["LINE_CHANNEL_SECRET", ["channels", "line", "secret"]],
];

export interface Assignment {
  segments: Segments;
  value: unknown;
}

export interface EnvironmentReading {
  assignments: Assignment[];
  issues: ConfigIssue[];
  warnings: ConfigIssue[];
}

/** `"claude"` is what other programs call it. */
const providerName = (name: string) => (name.toLowerCase() === "claude" ? "anthropic" : name.toLowerCase());

/** The provider that LLM_* variables speak of: named, or the model's, or the usual one of such an endpoint. */
function providerOf(env: Environment, written: unknown): string {
  const named = env["LLM_PROVIDER"];
  if (named) return providerName(named);
  const model = env["LLM_MODEL"] || getAt(written, ["llm", "model"]);
  if (typeof model === "string" && model.includes("/")) return model.slice(0, model.indexOf("/"));
  return env["LLM_BASE_URL"] ? "openai" : "anthropic";
}

/** LLM_PROVIDER declares a provider, and makes LLM_MODEL's `provider/model` whole. */
function readModel(env: Environment, written: unknown): Assignment[] {
  const provider = providerOf(env, written);
  const assignments: Assignment[] = [];
  const known = ["anthropic", "openai", "llama", "demo"];
  if (env["LLM_PROVIDER"] && getAt(written, ["llm", "providers", provider, "kind"]) === undefined) {
    const kind = known.includes(provider) ? provider : "openai";
    assignments.push({ segments: ["llm", "providers", provider, "kind"], value: kind });
  }
  const model = env["LLM_MODEL"];
  if (model) {
    const whole =
      model.includes("/") && !env["LLM_PROVIDER"] ? model : `${provider}/${model.replace(`${provider}/`, "")}`;
    assignments.push({ segments: ["llm", "model"], value: whole });
  }
  return assignments;
}

/**
 * What the environment sets. Empty variables count as unset; a value that cannot be used is an issue and sets nothing.
 * @param written the file's tree, for the provider in use
 */
export function readEnvironment(env: Environment, written: unknown): EnvironmentReading {
  const reading: EnvironmentReading = { assignments: readModel(env, written), issues: [], warnings: [] };
  const taken = new Set<string>();
  for (const [name, path, read] of VARIABLES) {
    const held = Object.hasOwn(env, name) ? env[name] : undefined;
    if (!held) continue;
    const segments = typeof path === "function" ? path(providerOf(env, written)) : path;
    const dotted = segments.join(".");
    if (taken.has(dotted)) continue;
    const outcome = read?.(held) ?? { value: held };
    if ("problem" in outcome) {
      const message = `the environment variable ${name} ${outcome.problem}; it is ignored`;
      reading.issues.push({ path: dotted, message });
      continue;
    }
    taken.add(dotted);
    reading.assignments.push({ segments, value: outcome.value });
    if (name === "APPROVAL_REQUIRED" && outcome.value === false) {
      reading.warnings.push({ path: dotted, message: "APPROVAL_REQUIRED=false: tools run without asking" });
    }
  }
  return reading;
}
