/** sessions.* and agents.list. */
import Type, { type Static } from "typebox";
import { Usage } from "../messages.ts";
import { defineMethod } from "../method.ts";
import { closed, NoParams, SessionKeyString } from "./common.ts";

export const SessionRow = Type.Object(
  {
    key: Type.String(),
    sessionId: Type.String(),
    agentId: Type.String(),
    kind: Type.Union([Type.Literal("direct"), Type.Literal("group")]),
    channel: Type.String(),
    /** A name given by a person. */
    label: Type.Optional(Type.String()),
    /** Made from the first message, without asking a model. */
    derivedTitle: Type.Optional(Type.String()),
    displayName: Type.String(),
    lastMessagePreview: Type.Optional(Type.String()),
    pinned: Type.Boolean(),
    createdAt: Type.Integer(),
    updatedAt: Type.Integer(),
    messageCount: Type.Integer(),
    model: Type.Optional(Type.String()),
    thinkingLevel: Type.Optional(Type.String()),
    totalTokens: Type.Integer(),
    hasActiveRun: Type.Boolean(),
    /** Where it takes place on a platform; absent: in the window. */
    chat: Type.Optional(
      Type.Object(
        {
          channel: Type.String(),
          accountId: Type.String(),
          chatId: Type.String(),
          threadId: Type.Optional(Type.String()),
          name: Type.Optional(Type.String()),
        },
        closed,
      ),
    ),
    /** The owner answers here by hand: see `sessions.takeOver`. */
    isTakenOver: Type.Optional(Type.Boolean()),
  },
  closed,
);
export type SessionRow = Static<typeof SessionRow>;

const Key = Type.Object({ key: SessionKeyString, agentId: Type.Optional(Type.String()) }, closed);

export const sessionMethods = {
  "sessions.list": defineMethod({
    scope: "operator.read",
    params: Type.Object(
      {
        limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
        offset: Type.Optional(Type.Integer({ minimum: 0 })),
        search: Type.Optional(Type.String({ maxLength: 500 })),
        agentId: Type.Optional(Type.String({ maxLength: 64 })),
        activeMinutes: Type.Optional(Type.Integer({ minimum: 1 })),
        includeGlobal: Type.Optional(Type.Boolean()),
        includeUnknown: Type.Optional(Type.Boolean()),
        includeDerivedTitles: Type.Optional(Type.Boolean()),
        includeLastMessage: Type.Optional(Type.Boolean()),
        label: Type.Optional(Type.String({ maxLength: 200 })),
      },
      closed,
    ),
    result: Type.Object(
      {
        ts: Type.Integer(),
        path: Type.String(),
        count: Type.Integer(),
        totalCount: Type.Integer(),
        hasMore: Type.Boolean(),
        defaults: Type.Object({ model: Type.String(), contextTokens: Type.Integer() }, closed),
        /** Pinned first, then newest first. */
        sessions: Type.Array(SessionRow),
      },
      closed,
    ),
  }),
  "sessions.preview": defineMethod({
    scope: "operator.read",
    params: Type.Object(
      {
        keys: Type.Array(SessionKeyString, { minItems: 1, maxItems: 100 }),
        limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 50 })),
        maxChars: Type.Optional(Type.Integer({ minimum: 20, maximum: 10_000 })),
      },
      closed,
    ),
    result: Type.Object(
      {
        ts: Type.Integer(),
        previews: Type.Array(
          Type.Object(
            {
              key: Type.String(),
              status: Type.Union([Type.Literal("ok"), Type.Literal("empty"), Type.Literal("missing")]),
              items: Type.Array(Type.Object({ role: Type.String(), text: Type.String() }, closed)),
            },
            closed,
          ),
        ),
      },
      closed,
    ),
  }),
  /** Makes an empty conversation, or gives the one of that name. `chat.send` needs none made before. */
  "sessions.create": defineMethod({
    scope: "operator.write",
    params: Type.Object(
      {
        /** Absent: a name is made. */
        key: Type.Optional(SessionKeyString),
        agentId: Type.Optional(Type.String({ maxLength: 64 })),
        label: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
        model: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
        /** Sent by the peer's terminal UI: where a person came from. Nothing is carried over. */
        parentSessionKey: Type.Optional(SessionKeyString),
        succeedsParent: Type.Optional(Type.Boolean()),
        emitCommandHooks: Type.Optional(Type.Boolean()),
      },
      closed,
    ),
    result: Type.Object(
      { ok: Type.Literal(true), key: Type.String(), sessionId: Type.String(), entry: SessionRow },
      closed,
    ),
  }),
  "sessions.describe": defineMethod({
    scope: "operator.read",
    params: Type.Object(
      {
        key: SessionKeyString,
        agentId: Type.Optional(Type.String()),
        includeDerivedTitles: Type.Optional(Type.Boolean()),
        includeLastMessage: Type.Optional(Type.Boolean()),
      },
      closed,
    ),
    result: Type.Object({ session: Type.Union([SessionRow, Type.Null()]), usage: Type.Optional(Usage) }, closed),
  }),
  "sessions.subscribe": defineMethod({
    scope: "operator.read",
    params: NoParams,
    result: Type.Object({ subscribed: Type.Literal(true) }, closed),
  }),
  "sessions.messages.subscribe": defineMethod({
    scope: "operator.read",
    params: Key,
    result: Type.Object({ subscribed: Type.Literal(true), key: Type.String() }, closed),
  }),
  "sessions.messages.unsubscribe": defineMethod({
    scope: "operator.read",
    params: Key,
    result: Type.Object({ subscribed: Type.Literal(false), key: Type.String() }, closed),
  }),
  "sessions.patch": defineMethod({
    scope: "operator.write",
    params: Type.Object(
      {
        key: SessionKeyString,
        agentId: Type.Optional(Type.String({ maxLength: 64 })),
        /** `null` takes the value away. */
        label: Type.Optional(Type.Union([Type.String({ minLength: 1, maxLength: 200 }), Type.Null()])),
        pinned: Type.Optional(Type.Boolean()),
        model: Type.Optional(Type.Union([Type.String({ minLength: 1, maxLength: 200 }), Type.Null()])),
        thinkingLevel: Type.Optional(Type.Union([Type.String({ maxLength: 32 }), Type.Null()])),
      },
      closed,
    ),
    result: Type.Object({ ok: Type.Literal(true), key: Type.String(), entry: SessionRow }, closed),
  }),
  "sessions.reset": defineMethod({
    scope: "operator.write",
    params: Type.Object(
      {
        key: SessionKeyString,
        agentId: Type.Optional(Type.String({ maxLength: 64 })),
        reason: Type.Optional(Type.Union([Type.Literal("new"), Type.Literal("reset")])),
      },
      closed,
    ),
    result: Type.Object({ ok: Type.Literal(true), key: Type.String(), entry: SessionRow }, closed),
  }),
  "sessions.delete": defineMethod({
    scope: "operator.write",
    params: Type.Object(
      {
        key: SessionKeyString,
        agentId: Type.Optional(Type.String({ maxLength: 64 })),
        deleteTranscript: Type.Optional(Type.Boolean()),
      },
      closed,
    ),
    /** Deleted sessions can be brought back with `sessions.restore` for 30 days. */
    result: Type.Object({ ok: Type.Literal(true), key: Type.String(), deleted: Type.Boolean() }, closed),
  }),
  "sessions.restore": defineMethod({
    scope: "operator.write",
    params: Key,
    result: Type.Object({ ok: Type.Literal(true), key: Type.String(), restored: Type.Boolean() }, closed),
  }),
  /** Takes back a message and all after it, for "edit and resend" and "regenerate". Refused while a run is active. */
  "sessions.rewind": defineMethod({
    scope: "operator.write",
    params: Type.Object(
      {
        sessionKey: SessionKeyString,
        /** The id of the first message to take back. */
        entryId: Type.String({ minLength: 1, maxLength: 128 }),
        agentId: Type.Optional(Type.String({ maxLength: 64 })),
      },
      closed,
    ),
    result: Type.Object(
      { ok: Type.Literal(true), removed: Type.Integer(), editorText: Type.Optional(Type.String()) },
      closed,
    ),
  }),
  "sessions.search": defineMethod({
    scope: "operator.read",
    params: Type.Object(
      {
        query: Type.String({ minLength: 1, maxLength: 500 }),
        sessionKeys: Type.Optional(Type.Array(SessionKeyString, { maxItems: 1000 })),
        agentId: Type.Optional(Type.String({ maxLength: 64 })),
        limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
      },
      closed,
    ),
    result: Type.Object(
      {
        results: Type.Array(
          Type.Object(
            {
              sessionKey: Type.String(),
              sessionId: Type.String(),
              messageId: Type.String(),
              role: Type.String(),
              timestamp: Type.Integer(),
              snippet: Type.String(),
              score: Type.Number(),
            },
            closed,
          ),
        ),
        truncated: Type.Optional(Type.Boolean()),
      },
      closed,
    ),
  }),
  "sessions.export": defineMethod({
    scope: "operator.read",
    params: Type.Object(
      {
        key: SessionKeyString,
        format: Type.Optional(Type.Union([Type.Literal("markdown"), Type.Literal("json"), Type.Literal("jsonl")])),
      },
      closed,
    ),
    result: Type.Object({ fileName: Type.String(), mimeType: Type.String(), content: Type.String() }, closed),
  }),
  "agents.list": defineMethod({
    scope: "operator.read",
    params: NoParams,
    result: Type.Object(
      {
        defaultId: Type.String(),
        mainKey: Type.String(),
        scope: Type.String(),
        agents: Type.Array(
          Type.Object(
            {
              id: Type.String(),
              name: Type.Optional(Type.String()),
              identity: Type.Optional(Type.Object({ name: Type.String(), emoji: Type.String() }, closed)),
              model: Type.Optional(Type.String()),
            },
            closed,
          ),
        ),
      },
      closed,
    ),
  }),
} as const;
