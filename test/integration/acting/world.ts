/**
 * A gateway and the ways that lead to a tool: the model's call in a turn, `tools.invoke` on the wire, `POST
 * /tools/invoke`, the command line. A case is written once and proved on each of them.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, vi } from "vitest";
import { runCommand } from "#main/cli/run.ts";
import type { Approval } from "#main/protocol/methods/approvals.ts";
import { startTestGateway, TEST_TOKEN, type TestGateway, type TestGatewayOptions } from "#test/fakes/gateway.ts";
import { textAnswer, toolAnswer } from "#test/fakes/openai.ts";
import type { WireClient } from "#test/fakes/wire-client.ts";
import { createFakeWorld } from "../../unit/cli/fake-world.ts";

/** What the caller of a tool gets to read in the end. */
export interface Outcome {
  text: string;
  isError: boolean;
}

/** A call under way. */
export interface Started {
  /** The id of the question, or undefined when the call ended without one. */
  asked: Promise<string | undefined>;
  end: Promise<Outcome>;
}

export type Args = Record<string, unknown>;

export interface Way {
  name: string;
  start(tool: string, args: Args, sessionKey?: string): Promise<Started>;
}

export interface ActingWorld extends TestGateway {
  workspace: string;
  /** The owner's window. */
  owner: WireClient;
  ways: readonly Way[];
  /** Calls and answers the question, if there is one. */
  decided(way: Way, tool: string, args: Args, decision: string): Promise<Outcome>;
  answer(id: string, decision: string): Promise<void>;
  approval(id: string): Promise<Approval>;
  /** A file of the workspace, or undefined. */
  content(name: string): string | undefined;
  put(name: string, text: string, mode?: number): string;
  /** Connects the owner's window anew, after a restart. */
  reconnect(): Promise<void>;
  configure(patch: unknown): Promise<void>;
}

export const WAY_NAMES = ["a model's call", "tools.invoke", "POST /tools/invoke", "the command line"] as const;

/** Without walls around commands unless told otherwise: what is tested here is the decision before them. */
export async function startActing(options: TestGatewayOptions = {}): Promise<ActingWorld> {
  const sandbox = { mode: "off", ...options.config?.["sandbox"] };
  const gateway = await startTestGateway({ ...options, config: { ...options.config, sandbox } });
  const workspace = join(gateway.stateDir, "workspace");
  mkdirSync(workspace, { recursive: true, mode: 0o700 });
  const connect = () => gateway.connect({ caps: ["tool-events"] });
  let owner = await connect();
  const own: Omit<ActingWorld, keyof TestGateway> = {
    workspace,
    get owner() {
      return owner;
    },
    ways: [],
    async decided(way: Way, tool: string, args: Args, decision: string) {
      const { asked, end } = await way.start(tool, args);
      const id = await asked;
      if (id !== undefined) await world.answer(id, decision);
      return end;
    },
    async answer(id: string, decision: string) {
      await owner.call("exec.approval.resolve", { id, decision });
    },
    approval: async (id: string) => (await owner.call<{ approval: Approval }>("exec.approval.get", { id })).approval,
    content(name: string) {
      const path = join(workspace, name);
      return existsSync(path) ? readFileSync(path, "utf8") : undefined;
    },
    put(name: string, text: string, mode = 0o600) {
      writeFileSync(join(workspace, name), text, { mode });
      return join(workspace, name);
    },
    async reconnect() {
      owner = await connect();
    },
    async configure(patch: unknown) {
      const { hash } = await owner.call<{ hash: string }>("config.get");
      await owner.call("config.patch", { raw: JSON.stringify(patch), baseHash: hash });
    },
  };
  // Not copied: what the gateway tells of itself changes with a restart, and so does the window.
  const world = Object.setPrototypeOf(own, gateway) as ActingWorld;
  world.ways = [turnWay(world), wireWay(world), httpWay(world), cliWay(world)];
  return world;
}

let nextCall = 0;

/** The way of the model: it makes one call and then says that it is done. */
function turnWay(world: ActingWorld): Way {
  return {
    name: WAY_NAMES[0],
    async start(tool, args, sessionKey = "main") {
      const { owner, model } = world;
      const [from, before] = [owner.frames.length, model.requests.length];
      const key = `turn-${nextCall++}`;
      model.script(
        toolAnswer([{ id: `call_${key}`, name: tool, args: JSON.stringify(args) }], 200),
        textAnswer("Done."),
      );
      await owner.call("chat.send", { sessionKey, message: "Please.", idempotencyKey: key });
      const isOwn = (chat: { runId: string; state: string }) => chat.runId === key && chat.state !== "delta";
      const over = owner.event("chat", isOwn, from);
      const end = over.then((): Outcome => {
        const message = readOf(model.requests.slice(before).at(-1)?.body, `call_${key}`);
        return { text: message, isError: /Nothing was done|failed|exit_code: [^0]|not valid|do not fit/.test(message) };
      });
      const question = owner.event("exec.approval.requested", () => true, from);
      const asked = Promise.race([
        question.then(({ payload }) => (payload as Approval).id),
        over.then(() => undefined),
      ]);
      return { asked, end };
    },
  };
}

/** What the model read as the result of its call. */
export function readOf(body: unknown, callId: string): string {
  const { messages } = body as { messages: { role: string; tool_call_id?: string; content: unknown }[] };
  const content = messages.find((message) => message.tool_call_id === callId)?.content;
  return typeof content === "string" ? content : JSON.stringify(content ?? "");
}

/** How a call that waited ended, as the gateway keeps it. */
async function kept(world: ActingWorld, approvalId: string): Promise<Outcome> {
  return vi.waitFor(
    async () => {
      const response = await request(world, `/tools/invoke/${approvalId}`);
      const state = (await response.json()) as { status: string; result?: string; error?: { message: string } };
      expect(["pending", "running", "allowed"]).not.toContain(state.status);
      const text = state.result ?? state.error?.message ?? state.status;
      return { text, isError: state.result === undefined };
    },
    { timeout: 10_000, interval: 10 },
  );
}

export function request(world: TestGateway, path: string, body?: unknown): Promise<Response> {
  return fetch(`${world.url}${path}`, {
    method: body === undefined ? "GET" : "POST",
    headers: { authorization: `Bearer ${TEST_TOKEN}`, "content-type": "application/json", connection: "close" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

/** A call that waits goes on by itself: its end is looked up when somebody asks for it. */
function toStarted(world: ActingWorld, approvalId: string | undefined, outcome: Outcome): Started {
  const end = approvalId === undefined ? Promise.resolve(outcome) : undefined;
  return {
    asked: Promise.resolve(approvalId),
    get end() {
      return end ?? kept(world, approvalId ?? "");
    },
  };
}

function wireWay(world: ActingWorld): Way {
  return {
    name: WAY_NAMES[1],
    async start(name, args, sessionKey) {
      const params = { name, args, ...(sessionKey === undefined ? {} : { sessionKey }) };
      return fromInvoke(world, await world.owner.request("tools.invoke", params));
    },
  };
}

interface Invoked {
  ok: boolean;
  output?: string;
  approvalId?: string;
  error?: { message: string };
}

function fromInvoke(
  world: ActingWorld,
  answer: { ok: boolean; payload?: unknown; error?: { message: string } },
): Started {
  if (!answer.ok) return toStarted(world, undefined, { text: answer.error?.message ?? "", isError: true });
  const { ok, output, approvalId, error } = answer.payload as Invoked;
  return toStarted(world, approvalId, { text: output ?? error?.message ?? "", isError: !ok });
}

function httpWay(world: ActingWorld): Way {
  return {
    name: WAY_NAMES[2],
    async start(tool, args, sessionKey) {
      const body = { tool, args, ...(sessionKey === undefined ? {} : { sessionKey }) };
      const response = await request(world, "/tools/invoke", body);
      const told = (await response.json()) as Invoked & { result?: string };
      const text = told.result ?? told.error?.message ?? "";
      return toStarted(world, response.status === 202 ? told.approvalId : undefined, { text, isError: !told.ok });
    },
  };
}

function cliWay(world: ActingWorld): Way {
  return {
    name: WAY_NAMES[3],
    async start(name, args, sessionKey) {
      const terminal = createFakeWorld({ env: { GATEHOUSE_STATE_DIR: world.stateDir } });
      const params = JSON.stringify({ name, args, ...(sessionKey === undefined ? {} : { sessionKey }) });
      const code = await runCommand(["call", "tools.invoke", params, "--token", TEST_TOKEN], terminal);
      if (code !== 0) return toStarted(world, undefined, { text: terminal.err, isError: true });
      return fromInvoke(world, { ok: true, payload: JSON.parse(terminal.out) as Invoked });
    },
  };
}
