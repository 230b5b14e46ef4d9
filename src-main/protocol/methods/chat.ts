/** chat.* and agent*: a message in, a streamed answer out. */
import Type from "typebox";
import { Message } from "../messages.ts";
import { defineMethod } from "../method.ts";
import { closed, IdempotencyKey, SessionKeyString, ThinkingLevel } from "./common.ts";

/** A picture or a text file that comes with a message; `content` is base64, at most 5 MB decoded in all. */
export const Attachment = Type.Object(
  {
    type: Type.Optional(Type.String({ maxLength: 64 })),
    mimeType: Type.Optional(Type.String({ maxLength: 128 })),
    fileName: Type.Optional(Type.String({ maxLength: 256 })),
    content: Type.String({ minLength: 1 }),
  },
  closed,
);

const HistoryParams = Type.Object(
  {
    sessionKey: SessionKeyString,
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
    /** Id of a message: only older ones. */
    before: Type.Optional(Type.String({ maxLength: 128 })),
    agentId: Type.Optional(Type.String({ maxLength: 64 })),
    maxChars: Type.Optional(Type.Integer({ minimum: 1 })),
    maxBytes: Type.Optional(Type.Integer({ minimum: 1 })),
  },
  closed,
);

/** What a client needs to redraw a turn that is running: the text so far and the tools so far. */
const InFlightRun = Type.Object(
  {
    runId: Type.String(),
    seq: Type.Integer({ minimum: 0 }),
    startedAtMs: Type.Integer(),
    text: Type.String(),
    /** The messages that this run has already committed are in `messages`; these are the calls now running. */
    tools: Type.Array(
      Type.Object(
        {
          toolCallId: Type.String(),
          name: Type.String(),
          args: Type.Optional(Type.Unknown()),
          /** It waits for this question to the owner. */
          approvalId: Type.Optional(Type.String()),
        },
        closed,
      ),
    ),
  },
  closed,
);

const HistoryResult = Type.Object(
  {
    sessionKey: Type.String(),
    sessionId: Type.String(),
    /** Oldest first. */
    messages: Type.Array(Message),
    hasMore: Type.Boolean(),
    totalMessages: Type.Integer({ minimum: 0 }),
    inFlightRun: Type.Optional(InFlightRun),
    /** Ids of messages sent while a run was active and not yet answered. */
    queuedRunIds: Type.Array(Type.String()),
  },
  closed,
);

export const chatMethods = {
  "chat.send": defineMethod({
    scope: "operator.write",
    params: Type.Object(
      {
        sessionKey: SessionKeyString,
        /** The transcript that the client shows; refused when the conversation has begun anew meanwhile. */
        sessionId: Type.Optional(Type.String({ maxLength: 128 })),
        message: Type.String({ maxLength: 400_000 }),
        attachments: Type.Optional(Type.Array(Attachment, { maxItems: 20 })),
        idempotencyKey: IdempotencyKey,
        thinking: Type.Optional(ThinkingLevel),
        /** Bounds the whole turn. */
        timeoutMs: Type.Optional(Type.Integer({ minimum: 1, maximum: 86_400_000 })),
        agentId: Type.Optional(Type.String({ maxLength: 64 })),
        deliver: Type.Optional(Type.Boolean()),
      },
      closed,
    ),
    /** Answered once the message is committed. A repeated key: in_flight while it runs, then the stored answer. */
    result: Type.Object(
      {
        runId: Type.String(),
        status: Type.Union([
          Type.Literal("started"),
          Type.Literal("in_flight"),
          Type.Literal("ok"),
          Type.Literal("error"),
          Type.Literal("aborted"),
        ]),
        messageId: Type.Optional(Type.String()),
        summary: Type.Optional(Type.String()),
      },
      closed,
    ),
  }),
  "chat.history": defineMethod({ scope: "operator.read", params: HistoryParams, result: HistoryResult }),
  "chat.startup": defineMethod({
    scope: "operator.read",
    params: Type.Partial(HistoryParams, closed),
    result: HistoryResult,
  }),
  "chat.abort": defineMethod({
    scope: "operator.write",
    params: Type.Object(
      {
        sessionKey: SessionKeyString,
        runId: Type.Optional(Type.String({ maxLength: 256 })),
        agentId: Type.Optional(Type.String({ maxLength: 64 })),
        /** Sent by the peer's terminal UI; there are no side runs here. */
        preserveSideRuns: Type.Optional(Type.Boolean()),
      },
      closed,
    ),
    result: Type.Object({ ok: Type.Literal(true), aborted: Type.Boolean(), runIds: Type.Array(Type.String()) }, closed),
  }),
  "chat.inject": defineMethod({
    scope: "operator.admin",
    params: Type.Object(
      {
        sessionKey: SessionKeyString,
        message: Type.String({ minLength: 1, maxLength: 400_000 }),
        label: Type.Optional(Type.String({ maxLength: 100 })),
        agentId: Type.Optional(Type.String({ maxLength: 64 })),
      },
      closed,
    ),
    result: Type.Object({ ok: Type.Literal(true), messageId: Type.String() }, closed),
  }),
  agent: defineMethod({
    scope: "operator.write",
    twoPhase: true,
    params: Type.Object(
      {
        message: Type.String({ minLength: 1, maxLength: 400_000 }),
        idempotencyKey: IdempotencyKey,
        sessionKey: Type.Optional(SessionKeyString),
        /** Without a key: the conversation that has this transcript, else one named after it. */
        sessionId: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
        agentId: Type.Optional(Type.String({ maxLength: 64 })),
        thinking: Type.Optional(ThinkingLevel),
        attachments: Type.Optional(Type.Array(Attachment, { maxItems: 20 })),
        /** Seconds, as the peer's command line sends it. */
        timeout: Type.Optional(Type.Integer({ minimum: 0, maximum: 86_400 })),
        deliver: Type.Optional(Type.Boolean()),
        channel: Type.Optional(Type.String({ maxLength: 64 })),
        to: Type.Optional(Type.String({ maxLength: 256 })),
        replyTo: Type.Optional(Type.String({ maxLength: 256 })),
        replyChannel: Type.Optional(Type.String({ maxLength: 64 })),
        replyAccountId: Type.Optional(Type.String({ maxLength: 128 })),
        accountId: Type.Optional(Type.String({ maxLength: 128 })),
        threadId: Type.Optional(Type.String({ maxLength: 128 })),
        lane: Type.Optional(Type.String({ maxLength: 64 })),
        label: Type.Optional(Type.String({ maxLength: 200 })),
        provider: Type.Optional(Type.String({ maxLength: 64 })),
        model: Type.Optional(Type.String({ maxLength: 200 })),
        extraSystemPrompt: Type.Optional(Type.String({ maxLength: 100_000 })),
        bestEffortDeliver: Type.Optional(Type.Boolean()),
        cleanupBundleMcpOnRunEnd: Type.Optional(Type.Boolean()),
      },
      closed,
    ),
    /** The first answer; the second is `{runId, status, summary, result:{payloads:[{text}]}}` with the same id. */
    result: Type.Object(
      {
        runId: Type.String(),
        status: Type.String(),
        sessionKey: Type.Optional(Type.String()),
        agentId: Type.Optional(Type.String()),
        acceptedAt: Type.Optional(Type.Integer()),
        summary: Type.Optional(Type.String()),
        result: Type.Optional(Type.Unknown()),
      },
      closed,
    ),
  }),
  "agent.wait": defineMethod({
    scope: "operator.write",
    params: Type.Object(
      {
        runId: Type.String({ minLength: 1, maxLength: 256 }),
        timeoutMs: Type.Optional(Type.Integer({ minimum: 0, maximum: 3_600_000 })),
      },
      closed,
    ),
    result: Type.Object(
      {
        runId: Type.String(),
        /** `timeout`: it still runs, or nobody knows this id. */
        status: Type.Union([
          Type.Literal("ok"),
          Type.Literal("error"),
          Type.Literal("aborted"),
          Type.Literal("timeout"),
        ]),
        startedAt: Type.Optional(Type.Integer()),
        endedAt: Type.Optional(Type.Integer()),
        error: Type.Optional(Type.String()),
      },
      closed,
    ),
  }),
  "agent.identity.get": defineMethod({
    scope: "operator.read",
    params: Type.Object(
      {
        agentId: Type.Optional(Type.String({ maxLength: 64 })),
        sessionKey: Type.Optional(SessionKeyString),
      },
      closed,
    ),
    result: Type.Object(
      { agentId: Type.String(), name: Type.String(), avatar: Type.String(), emoji: Type.Optional(Type.String()) },
      closed,
    ),
  }),
} as const;
