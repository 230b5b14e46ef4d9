/** audit.*: the record, and the proof that nobody altered it. */
import Type, { type Static } from "typebox";
import { defineMethod } from "../method.ts";
import { closed, NoParams } from "./common.ts";

export const AuditEntry = Type.Object(
  {
    seq: Type.Integer(),
    id: Type.String(),
    ts: Type.Integer(),
    type: Type.String(),
    level: Type.String(),
    actor: Type.String(),
    target: Type.Optional(Type.String()),
    sessionKey: Type.Optional(Type.String()),
    correlationId: Type.Optional(Type.String()),
    message: Type.String(),
    data: Type.Optional(Type.Unknown()),
  },
  closed,
);
export type AuditEntry = Static<typeof AuditEntry>;

const Filter = {
  type: Type.Optional(Type.String({ maxLength: 64 })),
  actor: Type.Optional(Type.String({ maxLength: 256 })),
  sessionKey: Type.Optional(Type.String({ maxLength: 512 })),
  correlationId: Type.Optional(Type.String({ maxLength: 256 })),
  level: Type.Optional(Type.String({ maxLength: 16 })),
  /** Milliseconds since 1970. */
  after: Type.Optional(Type.Integer()),
  before: Type.Optional(Type.Integer()),
};

export const auditMethods = {
  "audit.list": defineMethod({
    scope: "operator.admin",
    params: Type.Object(
      {
        ...Filter,
        cursor: Type.Optional(Type.Integer()),
        limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500 })),
      },
      closed,
    ),
    /** Newest first. */
    result: Type.Object({ entries: Type.Array(AuditEntry), nextCursor: Type.Optional(Type.Integer()) }, closed),
  }),
  "audit.verify": defineMethod({
    scope: "operator.admin",
    params: NoParams,
    result: Type.Object(
      {
        ok: Type.Boolean(),
        entries: Type.Integer(),
        /** The first entry that does not hold, and why. */
        broken: Type.Optional(Type.Object({ seq: Type.Integer(), id: Type.String(), reason: Type.String() }, closed)),
      },
      closed,
    ),
  }),
  "audit.export": defineMethod({
    scope: "operator.admin",
    params: Type.Object(
      { ...Filter, format: Type.Optional(Type.Union([Type.Literal("jsonl"), Type.Literal("csv")])) },
      closed,
    ),
    result: Type.Object(
      { fileName: Type.String(), mimeType: Type.String(), content: Type.String(), truncated: Type.Boolean() },
      closed,
    ),
  }),
} as const;
