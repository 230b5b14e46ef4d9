/**
 * What the HTTP routes need of the rest of the gateway, all handed in by the assembly. The routes never reach for a
 * store, a provider or the configuration themselves, so that a test can stand in for each with a few lines.
 */
import type { IncomingHttpHeaders } from "node:http";
import type { HttpBindings } from "@hono/node-server";
import type { Explanation } from "#main/approvals/contract.ts";
import type { InvocationOutcome } from "#main/approvals/invocations.ts";
import type { Clock } from "#main/base/clock.ts";
import type { Logger } from "#main/base/logger.ts";
import type { ChannelConnection } from "#main/channels/contract.ts";
import type { Message, Usage } from "#main/protocol/messages.ts";
import type { Scope } from "#main/protocol/scopes.ts";
import type { ToolSpec } from "#main/providers/contract.ts";

/** What a route finds in Hono's context: Node's request and response, and what the guard found out. */
export interface HttpEnv {
  Bindings: HttpBindings;
  Variables: {
    /** Set by the guard; absent on static files and probes. */
    scopes: ReadonlySet<Scope>;
  };
}

/** The answer to "whose credential is this?". `retryAfterMs` comes with 429. */
export type AuthOutcome =
  | { ok: true; scopes: ReadonlySet<Scope> }
  | { ok: false; status: 401 | 403 | 429; message: string; retryAfterMs?: number };

/** The answer to "may this page, under this name, talk to us?". 421: we are not the host that was asked for. */
export type OriginOutcome = { ok: true } | { ok: false; status: 403 | 421; message: string };

/** What the probes tell. `problems` is for people who are signed in: the probes never show it. */
export interface HttpHealth {
  version: string;
  uptimeSeconds: number;
  /** True once everything that can answer answers, and until the drain begins. */
  ready: boolean;
  problems: readonly string[];
}

/** Who answers: a model alone, or an agent with its own tools and session. */
export type CompletionTarget =
  | { kind: "model"; ref: string }
  | {
      kind: "agent";
      agentId: string;
      /** Absent: a new session for this request alone. Always `agent:<agentId>:…`. */
      sessionKey?: string;
      /** `provider/model` to use in place of the agent's own. */
      modelRef?: string;
    };

export interface CompletionRequest {
  target: CompletionTarget;
  /** System and developer messages, joined. Empty: none. */
  system: string;
  /** Oldest first; the last one is the user's or a tool's. An agent that has the earlier ones already needs the last. */
  messages: readonly Message[];
  /** The client's own tools: announced to the model, never run here. Empty for agents. */
  tools: readonly ToolSpec[];
  maxTokens?: number;
  temperature?: number;
}

/**
 * One step of an answer, in order. The last is `end` or `error`; a stream that stops without either is broken.
 * `tool-call` is only for calls of the client's own tools.
 */
export type CompletionEvent =
  | { type: "text"; delta: string }
  | { type: "tool-call"; id: string; name: string; argumentsJson: string }
  /** The last one counts. */
  | { type: "usage"; usage: Usage }
  | { type: "end"; finishReason: "stop" | "length" | "tool_calls" | "content_filter" }
  | {
      type: "error";
      /** 404 with `model_not_found` for a model or an agent that is not there. */
      status: number;
      /** OpenAI's word for it: `model_not_found`, `rate_limit_error`, `server_error` … */
      errorType: string;
      message: string;
      retryAfterMs?: number;
    };

/** A model that can be asked for. `created` in seconds since 1970, where known. */
export interface ListedModel {
  ref: string;
  provider: string;
  created?: number;
}

/** Who an agent is for the eye. */
export interface AgentSign {
  name: string;
  emoji?: string;
}

export interface HttpDeps {
  /**
   * Checks the Bearer credential (shared token or device token) of the headers. A missing one is 401 and not counted
   * against the address.
   * @param remoteAddress of the socket, as Node gives it; "" on the owner's own socket
   */
  authenticate(headers: IncomingHttpHeaders, remoteAddress: string): AuthOutcome | Promise<AuthOutcome>;
  /**
   * Checks the page's origin (absent: not a page), the name in `Host`, and forwarding headers from a source that is not a
   * trusted proxy.
   */
  checkOrigin(headers: IncomingHttpHeaders, remoteAddress: string): OriginOutcome;
  health(): HttpHealth;
  /** Who an agent is for the eye; undefined when there is no such agent. */
  agent(agentId: string): AgentSign | undefined;
  /** Absolute path of the built renderer, which is served as web chat. May be missing. */
  rendererDir: string;
  /** Folder of the web chat in addresses, `/chat`; absent: the root. */
  basePath?: string;
  models(): Promise<readonly ListedModel[]>;
  /** Runs one completion. Stops within a second of the signal's abort. */
  complete(request: CompletionRequest, signal: AbortSignal): AsyncIterable<CompletionEvent>;
  /** Tools, through the one guard. */
  tools: {
    explain(request: ToolRequest): Promise<Explanation | { error: "not-found" | "invalid"; message: string }>;
    invoke(request: ToolRequest, waitMs: number): Promise<InvocationOutcome>;
    /** What came of a call that waited for the owner; undefined: unknown, or over an hour ago. */
    result(approvalId: string): Promise<Record<string, unknown> | undefined>;
  };
  /** The webhook of a channel's live account; undefined: there is none. */
  webhookOf(channel: string, account: string): ChannelConnection["webhook"];
  log: Logger;
  clock: Clock;
}

/** One call of a tool, as the route read it. */
export interface ToolRequest {
  tool: string;
  args: Record<string, unknown>;
  sessionKey?: string;
}
