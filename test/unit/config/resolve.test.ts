import { describe, expect, it } from "vitest";
import { channelSections } from "#main/config/schema.ts";
import { resolveConfig, resolveSafest, type Layers } from "#main/config/resolve.ts";
import type { Config } from "#main/config/schema.ts";
import { getAt } from "#main/config/tree.ts";
import { findIssues } from "#main/config/validate.ts";

async function resolved(layers: Partial<Layers>): Promise<{ config: Config; issues: string[]; warnings: string[] }> {
  const resolution = await resolveConfig({ written: {}, env: {}, flags: {}, ...layers });
  if (!resolution.valid) throw new Error(resolution.issues.map(({ message }) => message).join("; "));
  const { config, issues, warnings } = resolution;
  return { config, issues: issues.map(({ message }) => message), warnings: warnings.map(({ message }) => message) };
}

async function issuesOf(written: unknown): Promise<Record<string, string>> {
  const { issues, valid } = await resolveConfig({ written, env: {}, flags: {} });
  expect(valid).toBe(false);
  return Object.fromEntries(issues.map(({ path, message }) => [path, message]));
}

describe("priority", () => {
  // Which of flag, environment and file are given → whose value counts.
  it.each([
    [false, false, false, 18_789],
    [false, false, true, 3],
    [false, true, false, 2],
    [false, true, true, 2],
    [true, false, false, 1],
    [true, false, true, 1],
    [true, true, false, 1],
    [true, true, true, 1],
  ])("[Q02] flag %s, environment %s, file %s: %d", async (flag, environment, file, expected) => {
    const { config } = await resolved({
      flags: flag ? { "gateway.port": 1 } : { "gateway.port": undefined },
      env: environment ? { API_PORT: "2" } : {},
      written: file ? { gateway: { port: 3 } } : {},
    });
    expect(config.gateway.port).toBe(expected);
  });

  it("[Q02] freezes what is in force and leaves what is written alone", async () => {
    const written = { gateway: { allowedHosts: ["a"] } };
    const { config } = await resolved({ written });
    expect(() => (config.gateway.allowedHosts as string[]).push("b")).toThrow(TypeError);
    expect(Object.isFrozen(written.gateway)).toBe(false);
  });
});

describe("environment variables", () => {
  it.each([
    ["GATEHOUSE_GATEWAY_TOKEN", "t", "gateway.auth.token", "t"],
    ["OPENCLAW_GATEWAY_TOKEN", "t", "gateway.auth.token", "t"],
    ["CODERCLAW_GATEWAY_TOKEN", "t", "gateway.auth.token", "t"],
    ["API_KEY", "t", "gateway.auth.token", "t"],
    ["API_PORT", "0", "gateway.port", 0],
    ["GATEHOUSE_LOG_LEVEL", "DEBUG", "logging.level", "debug"],
    ["LLM_PROVIDER", "groq", "llm.providers.groq.kind", "openai"],
    ["LLM_MODEL", "openai/gpt", "llm.model", "openai/gpt"],
    ["LLM_BASE_URL", "http://h/v1", "llm.providers.openai.baseUrl", "http://h/v1"],
    ["LLM_API_KEY", "k", "llm.providers.anthropic.apiKey", "k"],
    ["CLAUDE_API_KEY", "k", "llm.providers.anthropic.apiKey", "k"],
    ["APPROVAL_REQUIRED", "false", "tools.approvals.required", false],
    ["TELEGRAM_BOT_TOKEN", "t", "channels.telegram.token", "t"],
    ["DISCORD_BOT_TOKEN", "t", "channels.discord.token", "t"],
    ["SLACK_BOT_TOKEN", "t", "channels.slack.botToken", "t"],
    ["SLACK_APP_TOKEN", "t", "channels.slack.appToken", "t"],
    ["SLACK_SIGNING_SECRET", "t", "channels.slack.signingSecret", "t"],
    ["TWILIO_ACCOUNT_SID", "t", "channels.twilio.accountSid", "t"],
    ["TWILIO_AUTH_TOKEN", "t", "channels.twilio.authToken", "t"],
    ["TWILIO_PHONE_NUMBER", "+1", "channels.twilio.from", "+1"],
    ["LINE_CHANNEL_ACCESS_TOKEN", "t", "channels.line.accessToken", "t"],
    ["LINE_CHANNEL_SECRET", "t", "channels.line.secret", "t"],
  ])("[Q06] %s=%s sets %s", async (name, value, path, expected) => {
    const { config, issues } = await resolved({ env: { [name]: value } });
    expect(getAt(config, path.split("."))).toBe(expected);
    expect(issues).toEqual([]);
    const without = await resolved({ env: { [name]: "" } });
    expect(getAt(without.config, path.split("."))).not.toBe(expected);
  });

  it("[Q06] makes a whole provider of the LLM_ names together", async () => {
    const env = { LLM_PROVIDER: "local-ai", LLM_MODEL: "org/qwen", LLM_BASE_URL: "http://h/v1", LLM_API_KEY: "k" };
    const { config } = await resolved({ env });
    expect(config.llm.model).toBe("local-ai/org/qwen");
    expect(config.llm.providers).toEqual({ "local-ai": { kind: "openai", baseUrl: "http://h/v1", apiKey: "k" } });
  });

  it("[Q06] gives LLM_API_KEY to the provider of the configured model", async () => {
    const written = { llm: { model: "mine/m", providers: { mine: { kind: "openai", baseUrl: "http://x" } } } };
    const { config } = await resolved({ written, env: { LLM_API_KEY: "k" } });
    expect(config.llm.providers["mine"]).toEqual({ kind: "openai", baseUrl: "http://x", apiKey: "k" });
  });

  it("only offers ANTHROPIC_API_KEY and OPENAI_API_KEY: they change nothing", async () => {
    const { config } = await resolved({ env: { ANTHROPIC_API_KEY: "k", OPENAI_API_KEY: "k" } });
    expect(config).toEqual((await resolved({})).config);
  });

  it("[Q06] takes our own name before those of others", async () => {
    const env = {
      API_KEY: "4",
      CODERCLAW_GATEWAY_TOKEN: "3",
      OPENCLAW_GATEWAY_TOKEN: "2",
      GATEHOUSE_GATEWAY_TOKEN: "1",
    };
    expect((await resolved({ env })).config.gateway.auth.token).toBe("1");
  });

  it.each([
    [{ API_PORT: "abc" }, "API_PORT must be a whole number between 0 and 65535"],
    [{ API_PORT: "70000" }, "API_PORT must be"],
    [{ GATEHOUSE_LOG_LEVEL: "loud" }, "GATEHOUSE_LOG_LEVEL must be one of"],
    [{ APPROVAL_REQUIRED: "maybe" }, "APPROVAL_REQUIRED must be true or false"],
  ])("[CF-01] ignores %j and says so", async (env, words) => {
    const { config, issues } = await resolved({ env });
    expect(issues).toEqual([expect.stringContaining(words)]);
    expect(config).toEqual((await resolved({})).config);
  });

  it("[CF-02] warns when approvals are switched off", async () => {
    expect((await resolved({ env: { APPROVAL_REQUIRED: "false" } })).warnings).toEqual([
      expect.stringContaining("without asking"),
    ]);
  });
});

describe("variables in the file", () => {
  it("[Q03] turns off just the provider or channel whose variable is not set, and names variable and path", async () => {
    const written = {
      llm: {
        providers: { a: { apiKey: "${NOT_SET}" }, b: { apiKey: "${SET}" } },
        routing: [{ model: "${NOT_SET}" }, { model: "b/m" }],
      },
      channels: { telegram: { token: "${NO_TOKEN}" }, slack: { botToken: "x" } },
      gateway: { host: "${NO_HOST}" },
    };
    const { config, issues } = await resolved({ written, env: { SET: "key" } });
    expect(config.llm.providers).toEqual({ b: { apiKey: "key" } });
    expect(config.llm.routing).toEqual([{ model: "b/m" }]);
    expect(channelSections(config)).toEqual({ slack: { botToken: "x" } });
    expect(config.gateway.host).toBe("127.0.0.1");
    expect(issues).toEqual([
      'llm.providers.a.apiKey needs the environment variable NOT_SET, which is not set; the provider "a" is off until it is',
      "llm.routing[0].model needs the environment variable NOT_SET, which is not set; this rule is off until it is",
      'channels.telegram.token needs the environment variable NO_TOKEN, which is not set; the channel "telegram" is off until it is',
      "gateway.host needs the environment variable NO_HOST, which is not set; the default is used",
    ]);
  });

  it("[Q03] reads numbers and switches out of variables where the schema wants them, and only there", async () => {
    const written = {
      gateway: { port: "${P:-8080}", pairing: { autoApproveLocal: "${AUTO:-false}" } },
      agents: { main: { name: "${N:-42}" } },
    };
    const { config } = await resolved({ written });
    expect(config.gateway.port).toBe(8080);
    expect(config.gateway.pairing.autoApproveLocal).toBe(false);
    expect(config.agents["main"]?.name).toBe("42");
    expect(await issuesOf({ gateway: { port: "8080" } })).toHaveProperty(["gateway.port"]);
  });

  it("takes an empty secret for none", async () => {
    const written = { gateway: { auth: { token: "${NOT_SET:-}" } }, llm: { providers: { a: { apiKey: "" } } } };
    const { config } = await resolved({ written });
    expect(config.gateway.auth).toEqual({ mode: "token" });
    expect(config.llm.providers).toEqual({ a: {} });
  });
});

describe("validation", () => {
  it("[Q01] names path, what is wanted and what is there", async () => {
    expect(
      await issuesOf({
        gateway: { port: "abc", auth: { mode: "open" } },
        llm: { fallbacks: "x" },
        logging: { level: "loud" },
      }),
    ).toEqual({
      "gateway.port": 'gateway.port must be a whole number between 0 and 65535; it is "abc"',
      "gateway.auth.mode": 'gateway.auth.mode must be one of token, password; it is "open"',
      "llm.fallbacks": 'llm.fallbacks must be a list; it is "x"',
      "logging.level": 'logging.level must be one of trace, debug, info, warn, error; it is "loud"',
    });
  });

  it("[Q01] speaks of lists, records, missing keys and ranges", async () => {
    expect(
      await issuesOf({
        gateway: { port: 70_000 },
        sessions: 3,
        llm: { routing: [{}], providers: { x: { models: [{ id: 1 }] } } },
      }),
    ).toEqual({
      "gateway.port": "gateway.port must be a whole number between 0 and 65535; it is 70000",
      sessions: "sessions must be a section of keys and values; it is 3",
      "llm.routing[0].model": "llm.routing[0].model is missing; it must be text",
      "llm.providers.x.models[0].id": "llm.providers.x.models[0].id must be text; it is 1",
    });
  });

  it("[CF-04] does not repeat the value of a secret", async () => {
    const issues = await issuesOf({ gateway: { auth: { token: 123_456_789 } } });
    expect(issues["gateway.auth.token"]).toBe("gateway.auth.token must be text; it holds something else");
  });

  it.each([[[]], ["text"], [3], [null]])("refuses %j as a whole file", async (written) => {
    expect(await issuesOf(written)).toHaveProperty([""]);
  });

  it("[Q01] warns of unknown keys with a guess, keeps them, and knows the sections of later rooms", async () => {
    const written = {
      gatewy: {},
      gateway: { prot: 1 },
      llm: { providers: { a: { apikey: "x" } } },
      plugins: { anything: 1 },
      canvas: {},
      zzz: 1,
    };
    const { config, warnings } = await resolved({ written });
    expect(warnings).toEqual([
      'gatewy is not a known setting; it is kept and does nothing. Did you mean "gateway"?',
      'gateway.prot is not a known setting; it is kept and does nothing. Did you mean "port"?',
      'llm.providers.a.apikey is not a known setting; it is kept and does nothing. Did you mean "apiKey"?',
      "zzz is not a known setting; it is kept and does nothing",
    ]);
    expect(config).toMatchObject({ plugins: { anything: 1 }, zzz: 1 });
  });

  it("refuses a command line that does not fit, and does not blame the file", async () => {
    await expect(resolved({ flags: { "gateway.port": 70_000 } })).rejects.toMatchObject({ code: "INVALID_REQUEST" });
  });
});

it("[CF-01] asks before every tool in the safest form, whatever the environment says", async () => {
  const config = await resolveSafest({ env: { APPROVAL_REQUIRED: "false", API_PORT: "5" }, flags: {} });
  expect(getAt(config, ["tools", "approvals"])).toEqual({
    required: true,
    autoApproveLevels: [],
    timeoutSeconds: 120,
  });
  expect(await findIssues(config)).toEqual([]);
  expect(config.gateway).toMatchObject({ host: "127.0.0.1", port: 5, auth: { mode: "token" } });
});

it("refuses an agent whose name cannot stand in the name of a conversation", async () => {
  const written = { channels: { telegram: { agent: "My Agent" } }, bindings: [{ agent: "a b" }] };
  const { valid, issues } = await resolveConfig({ written, env: {}, flags: {} });
  expect([valid, issues.map(({ path }) => path)]).toEqual([false, ["channels.telegram.agent", "bindings[0].agent"]]);
});
