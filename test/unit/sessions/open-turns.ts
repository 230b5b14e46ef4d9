/** Turns over a real store and a played model, with one tool that a test can hold up. */
import Type from "typebox";
import { onTestFinished } from "vitest";
import { createToolboxes } from "#main/agent/toolbox.ts";
import { silentLogger } from "#main/base/logger.ts";
import type { RunOptions } from "#main/sessions/live-run.ts";
import { parseSessionKey } from "#main/sessions/key.ts";
import { recoverRuns } from "#main/sessions/recover.ts";
import { Turns, type TurnDeps, type TurnEvent } from "#main/sessions/turn.ts";
import type { RunResult } from "#main/sessions/run-result.ts";
import { createInbox } from "#main/routing/inbox.ts";
import type { Database } from "#main/store/database.ts";
import { defineTool } from "#main/tools/contract.ts";
import type { ManualClock } from "#test/fakes/manual-clock.ts";
import { createScriptedProvider, type ScriptedProvider } from "#test/fakes/scripted-provider.ts";

const OWNER = { channel: "webchat", sender: "owner", isOwner: true };

export interface OpenTurns {
  turns: Turns;
  provider: ScriptedProvider;
  events: TurnEvent[];
  /** What the tool was called with. */
  ran: string[];
  /** Sends a message as a client would. @returns once it is committed; `end`: how its run ends */
  send(key: string, session?: string, options?: Partial<RunOptions>): Promise<{ end: Promise<RunResult> }>;
  /** The run's result when it is there or comes. */
  ended(runId: string): Promise<RunResult>;
  recover(): Promise<number>;
}

/** What a test says of limits. */
export interface OpenTurnsOptions {
  budget?: TurnDeps["budget"];
  settings?: Partial<ReturnType<TurnDeps["settings"]>>;
}

const NO_BUDGET: TurnDeps["budget"] = { concerns: () => false, admit: async () => () => {} };

const tool = defineTool({
  name: "note",
  group: "basics",
  description: "Notes something.",
  params: Type.Object({ text: Type.String() }, { additionalProperties: false }),
  level: () => 1,
  run: async ({ text }) => ({ text: `noted ${text}` }),
});

/** @param duringTool awaited inside each call of the tool */
export function openTurns(
  db: Database,
  clock: ManualClock,
  duringTool: (text: string) => Promise<unknown> = async () => {},
  { budget = NO_BUDGET, settings = {} }: OpenTurnsOptions = {},
): OpenTurns {
  const provider = createScriptedProvider(clock);
  const events: TurnEvent[] = [];
  const ran: string[] = [];
  const makeToolbox = createToolboxes();
  const guard: Pick<TurnDeps["guard"], "execute"> = {
    async execute(call, progress) {
      const text = String(call.args["text"]);
      progress.onStart();
      ran.push(text);
      await duringTool(text);
      return { text: `noted ${text}` };
    },
  };
  const turns = new Turns({
    ...{ db, clock, log: silentLogger },
    guard: guard as TurnDeps["guard"],
    toolbox: () => makeToolbox([tool]),
    chooseModel: () => ({
      stream: (request, signal) => provider.stream({ ...request, model: "m" }, signal),
      answeredBy: () => "fake/m",
      contextWindow: undefined,
      costOf: (usage) => usage.output * 0.001,
    }),
    denials: () => () => false,
    agent: () => ({ name: "Gatehouse", workspace: "/tmp" }),
    settings: () => ({ contextTokens: 128_000, thinking: "off", maxTurns: 25, turnSeconds: 1800, ...settings }),
    budget,
    observe: (event) => void events.push(event),
  });
  onTestFinished(async () => {
    const stopped = turns.stop(0);
    await clock.advance(0);
    await stopped;
  });
  const receive = createInbox({ db, clock, turns, flush: async () => {}, onCommitted: () => {} });
  const ended = (runId: string) => new Promise<RunResult>((resolve) => void turns.onEnd(runId, resolve));
  return {
    ...{ turns, provider, events, ran, ended },
    async send(key, session = "main", options = {}) {
      const end = ended(key);
      await receive({
        ...{ channel: "webchat", account: "default", messageId: key, session: parseSessionKey(session) },
        content: [{ type: "text", text: key }],
        options: { requester: OWNER, ...options },
      });
      return { end };
    },
    async recover() {
      const runs = await recoverRuns({ db, clock, log: silentLogger });
      for (const run of runs) turns.enqueue(run);
      return runs.length;
    },
  };
}
