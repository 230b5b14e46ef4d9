/** What a run asks a model: the transcript that counts, the system prompt, who answers. Changes nothing. */
import { toOffered } from "#main/agent/offer.ts";
import { buildSystem, estimateTextTokens, fenceUntrusted, toModelMessages, trimToBudget } from "#main/agent/prompt.ts";
import type { Clock } from "#main/base/clock.ts";
import type { Message, Usage } from "#main/protocol/messages.ts";
import { textOf } from "#main/protocol/text-of.ts";
import { THINKING_LEVELS, type ProviderEvent, type ThinkingLevel, type ToolSpec } from "#main/providers/contract.ts";
import { toDay } from "#main/store/usage.ts";
import type { Database } from "#main/store/database.ts";
import type { LiveRun } from "./live-run.ts";
import { Transcripts, type Transcript } from "./transcripts.ts";

/** What one model request says. */
export interface ModelQuestion {
  system: string;
  messages: readonly Message[];
  tools: readonly ToolSpec[];
  thinking: ThinkingLevel;
}

/** One model request, with retries and failover behind it. */
export interface ModelCall {
  /** Streams the answer; throws ProviderError or the abort. */
  stream(
    request: ModelQuestion,
    signal: AbortSignal,
    onRetry: (info: { waitMs: number; error: unknown }) => void,
  ): AsyncIterable<ProviderEvent>;
  /** `provider/model` that answers, or would. */
  answeredBy(): string;
  /** Tokens that the first choice can read at most; undefined when not known. */
  contextWindow: number | undefined;
  /** Price of an answer, or undefined when it is not known. */
  costOf(usage: Usage): number | undefined;
}

export interface AskDeps {
  db: Database;
  clock: Clock;
  /** Chooses the models for a message. Throws Refused with words when none can answer. */
  chooseModel(choice: {
    requested?: string | undefined;
    session?: string | null;
    agentId: string;
    text: string;
  }): ModelCall;
  /** By the rules of now: true for a tool of which every call of this run is denied. */
  denials(run: Pick<LiveRun, "agentId" | "options">): (tool: string) => boolean;
  agent(agentId: string): { name: string; system?: string | undefined; workspace: string };
  settings(): {
    contextTokens: number;
    thinking: ThinkingLevel;
    /** Model requests in one answer. */
    maxTurns: number;
    /** Longest answer, waiting for approvals included. */
    turnSeconds: number;
  };
}

export interface Ask {
  model: ModelCall;
  workspace: string;
  /** Up to and including the message to answer. */
  transcript: Message[];
  /** One request of the run: what fits the model's window, with the tools that it is told of. */
  toRequest(messages: readonly Message[], tools: readonly ToolSpec[]): ModelQuestion;
}

/** Kept free for the answer. */
const ANSWER_TOKENS = 4096;

/** Prepares the requests of runs. `isOpen`: true for runs whose turn has not come, their messages are left out. */
export type PrepareAsk = (run: LiveRun, isOpen: (runId: string) => boolean) => Promise<Ask>;

export function createAsk(deps: AskDeps): PrepareAsk {
  const transcripts = new Transcripts(deps.db);
  return async (run, isOpen) => toAsk(deps, run, await transcripts.read(run), isOpen);
}

function toAsk(
  deps: AskDeps,
  run: LiveRun,
  { session, messages: stored }: Transcript,
  isOpen: (runId: string) => boolean,
): Ask {
  const transcript = toModelMessages(stored, run.runId, isOpen);
  const question = transcript.findLast((message) => message.role === "user");
  const model = deps.chooseModel({
    requested: run.options.model,
    session: session?.model ?? null,
    agentId: run.agentId,
    text: question ? textOf(question) : "",
  });
  const agent = deps.agent(run.agentId);
  const settings = deps.settings();
  const extra = [agent.system, run.options.extraSystem]
    .filter((text) => text !== undefined && text !== "")
    .join("\n\n");
  const thinking =
    run.options.thinking ?? THINKING_LEVELS.find((level) => level === session?.thinking_level) ?? settings.thinking;
  const window = Math.min(settings.contextTokens, model.contextWindow ?? settings.contextTokens);
  const today = toDay(deps.clock.now());
  return {
    model,
    workspace: agent.workspace,
    transcript,
    toRequest(messages, all) {
      const tools = toOffered(all, model.contextWindow, deps.denials(run));
      const system = buildSystem({ agentName: agent.name, today, hasTools: tools.length > 0, extra });
      const overhead = estimateTextTokens(system) + estimateTextTokens(JSON.stringify(tools));
      const budget = Math.max(1000, window - Math.min(ANSWER_TOKENS, Math.floor(window / 4)) - overhead);
      return { system, messages: fenceUntrusted(trimToBudget(messages, budget)), tools, thinking };
    },
  };
}
