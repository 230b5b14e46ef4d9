/** The built gateway and what its programs get and may cost: no secret, no process left, no memory. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { makeStateDir, fakeModelConfig, startGatewayProcess } from "../../../build/campaign/gateway-process.ts";
import { connectWire, type Wire } from "../../../build/campaign/wire.ts";
import { memoryMb } from "../../../build/bench/figures.ts";
import { startFakeOpenAI, toolAnswer } from "#test/fakes/openai.ts";
import type { ScriptedServer } from "#test/fakes/scripted-http.ts";

let model: ScriptedServer;
let number = 0;
beforeAll(async () => {
  model = await startFakeOpenAI();
});
afterAll(() => model.close());

/** Twenty values that stand for secrets, under the names by which a gateway gets them. */
const CANARIES: Readonly<Record<string, string>> = Object.fromEntries(
  [
    ...[
      "ANTHROPIC_API_KEY",
      "OPENAI_API_KEY",
      "CLAUDE_API_KEY",
      "LLM_API_KEY",
      "DISCORD_BOT_TOKEN",
      "TELEGRAM_BOT_TOKEN",
    ],
    ...[
      "TWILIO_API_SECRET",
      "TWILIO_AUTH_TOKEN",
      "SLACK_BOT_TOKEN",
      "LINE_CHANNEL_ACCESS_TOKEN",
      "API_KEY",
      "AWS_SECRET_ACCESS_KEY",
    ],
    ...[
      "GATEHOUSE_SECRET_KEY_HINT",
      "GITHUB_TOKEN",
      "NPM_TOKEN",
      "SSH_AUTH_SOCK",
      "DATABASE_URL",
      "PGPASSWORD",
      "MY_PROVIDER_KEY",
      "COOKIE",
    ],
  ].map((name, at) => [name, `canary${at}x${"z9Q4".repeat(8)}`]),
);

async function open(config: Record<string, unknown> = {}, env: Readonly<Record<string, string>> = {}) {
  const state = makeStateDir(fakeModelConfig(`${model.url}/v1`, { sandbox: { mode: "off" }, ...config }));
  onTestFinished(() => state.remove());
  const gateway = await startGatewayProcess({ stateDir: state.dir, env });
  onTestFinished(async () => void (await gateway.kill()));
  return { dir: state.dir, gateway, wire: await connectWire(gateway.url, { caps: ["tool-events"] }) };
}

/** A call by the model that the owner allows. @returns the key of its run once it was allowed */
async function allow(wire: Wire, command: string, more: Record<string, unknown> = {}): Promise<string> {
  const asked = new Promise<string>((resolve) => {
    const off = wire.onEvent((event, payload) => {
      if (event !== "exec.approval.requested") return;
      off();
      resolve(String(payload["id"]));
    });
  });
  const key = `bounds-${number++}`;
  model.script(toolAnswer([{ id: `call_${key}`, name: "bash", args: JSON.stringify({ command, ...more }) }], 200));
  await wire.call("chat.send", { sessionKey: "main", message: "Please.", idempotencyKey: key });
  await wire.call("exec.approval.resolve", { id: await asked, decision: "allow-once" });
  return key;
}

function ended(wire: Wire, key: string): Promise<string> {
  return new Promise((resolve) => {
    const off = wire.onEvent((event, payload) => {
      if (event !== "chat" || payload["runId"] !== key || payload["state"] === "delta") return;
      off();
      resolve(String(payload["state"]));
    });
  });
}

function filesOf(dir: string): string[] {
  return readdirSync(dir, { recursive: true, encoding: "utf8" })
    .map((name) => join(dir, name))
    .filter((path) => existsSync(path) && statSync(path).isFile());
}

it("[AP-17] [LG-01] [I14] lets none of twenty secrets reach a program, the record, the history, an export, an event or the log", async () => {
  const seen: string[] = [];
  const { dir, wire, gateway } = await open({}, CANARIES);
  wire.onEvent((event, payload) => void seen.push(event + JSON.stringify(payload)));
  const { hash } = await wire.call<{ hash: string }>("config.get");
  const providers = { extra: { kind: "openai", baseUrl: "http://127.0.0.1:9/v1", apiKey: "${MY_PROVIDER_KEY}" } };
  await wire.call("config.patch", { raw: JSON.stringify({ llm: { providers } }), baseHash: hash });
  // The program prints its own environment, and that of the gateway itself, which the owner allowed here.
  const own = await allow(wire, "env; cat /proc/self/environ; set");
  await ended(wire, own);
  const parent = await allow(wire, `cat /proc/${gateway.pid}/environ | tr '\\0' '\\n' | grep MY_PROVIDER; echo`);
  await ended(wire, parent);
  for (const format of ["jsonl", "csv"]) seen.push(JSON.stringify(await wire.call("audit.export", { format })));
  for (const method of ["chat.history", "approval.history", "config.get", "logs.tail"]) {
    seen.push(
      JSON.stringify(await wire.call(method, method === "chat.history" ? { sessionKey: "main" } : {}).catch(String)),
    );
  }
  seen.push(JSON.stringify(model.requests.map((request) => request.body)), gateway.stderr());
  await gateway.stop();
  for (const path of filesOf(dir)) seen.push(readFileSync(path).toString("latin1"));
  const found = Object.entries(CANARIES).filter(([, value]) => seen.some((text) => text.includes(value)));
  expect(found.map(([name]) => name)).toEqual([]);
  // The program did run, and the gateway did hold them.
  expect(seen.some((text) => text.includes("GIT_TERMINAL_PROMPT=0"))).toBe(true);
  expect(seen.some((text) => text.includes("MY_PROVIDER_KEY=[redacted]"))).toBe(true);
});

/** Processes with this word in their command line. */
function living(word: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "latin1").includes(word);
      } catch {
        return false;
      }
    })
    .map(Number);
}

it("[AP-34] ends a command with all that it started, apart sessions included, when the turn is stopped", async () => {
  const { dir, wire } = await open();
  const word = `4${process.pid}${Date.now() % 1000}`;
  const key = await allow(wire, `touch begun; setsid sleep ${word} & (trap '' TERM; sleep ${word}) & sleep ${word}`);
  await expect
    .poll(() => existsSync(join(dir, "workspace/begun")) && living(`sleep\0${word}`).length, { timeout: 10_000 })
    .toBe(3);
  const over = ended(wire, key);
  const from = performance.now();
  await wire.call("chat.abort", { sessionKey: "main", runId: key });
  expect(await over).toBe("aborted");
  await expect.poll(() => living(`sleep\0${word}`), { timeout: 5000 }).toEqual([]);
  expect(performance.now() - from).toBeLessThan(5000);
  const { entries } = await wire.call<{ entries: { type: string }[] }>("audit.list", { limit: 3 });
  expect(entries.some((entry) => entry.type === "tool.failed")).toBe(true);
});

it("[AP-35] bounds what a bomb of output costs", async () => {
  const { wire, gateway } = await open();
  await ended(wire, await allow(wire, "echo warm | cat"));
  const before = memoryMb(gateway.pid);
  let most = before;
  const key = await allow(wire, "yes 0123456789012345678901234567890123456789 | head -c 400000000", {
    timeout_ms: 4000,
  });
  const watch = setInterval(() => {
    try {
      const own = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${gateway.pid}/status`, "utf8"))?.[1]) / 1024;
      most = Math.max(most, own);
    } catch {
      // Gone between two looks.
    }
  }, 50);
  onTestFinished(() => clearInterval(watch));
  await ended(wire, key);
  clearInterval(watch);
  console.log(`output bomb: ${Math.round(before)} MB before, ${Math.round(most)} MB at most`);
  expect(most - before).toBeLessThan(100);
  const body = JSON.stringify(model.requests.at(-1)?.body);
  expect(body.length).toBeLessThan(200_000);
});
