/**
 * Environment variables that set something in the configuration, in one table. They stand above the file and below the
 * command line. Only the process's own environment counts: no `.env` file is ever read.
 */
import type { ConfigIssue } from "./contract.ts";
import type { Environment } from "./expand.ts";
import { getAt, type Segments } from "./tree.ts";

/** A value as the table's reader understood it. */
type Read = { value: unknown } | { problem: string };

interface Variable {
  name: string;
  /** Where its value goes. A function where that depends on the provider in use. */
  path: Segments | ((provider: string) => Segments);
  read: (text: string) => Read;
}

const text = (value: string): Read => ({ value });

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

const variable = (name: string, path: Variable["path"], read: Variable["read"] = text): Variable => ({
  name,
  path,
  read,
});
const TOKEN: Segments = ["gateway", "auth", "token"];
const ofProvider = (key: string) => (provider: string) => ["llm", "providers", provider, key];

/** The first variable that is set wins where two name one place. LLM_PROVIDER and LLM_MODEL are read together, below. */
export const VARIABLES: readonly Variable[] = [
  variable("GATEHOUSE_GATEWAY_TOKEN", TOKEN),
  variable("OPENCLAW_GATEWAY_TOKEN", TOKEN),
  variable("CODERCLAW_GATEWAY_TOKEN", TOKEN),
  variable("API_KEY", TOKEN),
  variable("API_PORT", ["gateway", "port"], readPort),
  variable("GATEHOUSE_LOG_LEVEL", ["logging", "level"], readLevel),
  variable("LLM_BASE_URL", ofProvider("baseUrl")),
  variable("LLM_API_KEY", ofProvider("apiKey")),
  variable("CLAUDE_API_KEY", ["llm", "providers", "anthropic", "apiKey"]),
  variable("APPROVAL_REQUIRED", ["tools", "approvals", "required"], readSwitch),
  variable("TELEGRAM_BOT_TOKEN", ["channels", "telegram", "token"]),
  variable("DISCORD_BOT_TOKEN", ["channels", "discord", "token"]),
  variable("SLACK_BOT_TOKEN", ["channels", "slack", "botToken"]),
  variable("SLACK_APP_TOKEN", ["channels", "slack", "appToken"]),
  variable("SLACK_SIGNING_SECRET", ["channels", "slack", "signingSecret"]),
  variable("TWILIO_ACCOUNT_SID", ["channels", "twilio", "accountSid"]),
  variable("TWILIO_AUTH_TOKEN", ["channels", "twilio", "authToken"]),
  variable("TWILIO_PHONE_NUMBER", ["channels", "twilio", "from"]),
  variable("LINE_CHANNEL_ACCESS_TOKEN", ["channels", "line", "accessToken"]),
  variable("LINE_CHANNEL_SECRET", ["channels", "line", "secret"]),
];

export interface Assignment {
  segments: Segments;
  value: unknown;
  /** The variable's name. */
  from: string;
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
    assignments.push({ segments: ["llm", "providers", provider, "kind"], value: kind, from: "LLM_PROVIDER" });
  }
  const model = env["LLM_MODEL"];
  if (model) {
    const whole =
      model.includes("/") && !env["LLM_PROVIDER"] ? model : `${provider}/${model.replace(`${provider}/`, "")}`;
    assignments.push({ segments: ["llm", "model"], value: whole, from: "LLM_MODEL" });
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
  for (const { name, path, read } of VARIABLES) {
    const held = Object.hasOwn(env, name) ? env[name] : undefined;
    if (!held) continue;
    const segments = typeof path === "function" ? path(providerOf(env, written)) : path;
    const dotted = segments.join(".");
    if (taken.has(dotted)) continue;
    const outcome = read(held);
    if ("problem" in outcome) {
      reading.issues.push({
        path: dotted,
        message: `the environment variable ${name} ${outcome.problem}; it is ignored`,
      });
      continue;
    }
    taken.add(dotted);
    reading.assignments.push({ segments, value: outcome.value, from: name });
    if (name === "APPROVAL_REQUIRED" && outcome.value === false) {
      reading.warnings.push({ path: dotted, message: "APPROVAL_REQUIRED=false: tools run without asking" });
    }
  }
  return reading;
}
