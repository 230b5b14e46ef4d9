/** changes.* and the walls: what was changed, taking it back, and what confines the rest. */
import Type, { type Static } from "typebox";
import { defineMethod } from "../method.ts";
import { closed, NoParams, SessionKeyString } from "./common.ts";

export const SandboxState = Type.Object(
  {
    adapter: Type.String(),
    label: Type.String(),
    confined: Type.Array(Type.String()),
    notConfined: Type.Array(Type.String()),
    /** Why a better adapter is not in use. */
    unavailable: Type.Array(Type.Object({ adapter: Type.String(), reason: Type.String() }, closed)),
  },
  closed,
);
export type SandboxState = Static<typeof SandboxState>;

export const ChangeRow = Type.Object(
  {
    changeId: Type.String(),
    path: Type.String(),
    kind: Type.Union([Type.Literal("created"), Type.Literal("changed"), Type.Literal("removed")]),
    sessionKey: Type.String(),
    runId: Type.String(),
    callId: Type.String(),
    tool: Type.String(),
    at: Type.Integer(),
    bytesBefore: Type.Integer(),
    bytesAfter: Type.Integer(),
    undoneAt: Type.Optional(Type.Integer()),
  },
  closed,
);
export type ChangeRow = Static<typeof ChangeRow>;

export const changeMethods = {
  "sandbox.status": defineMethod({
    scope: "operator.read",
    params: NoParams,
    result: SandboxState,
  }),
  "changes.list": defineMethod({
    scope: "operator.read",
    params: Type.Object(
      {
        sessionKey: Type.Optional(SessionKeyString),
        callId: Type.Optional(Type.String({ maxLength: 128 })),
        limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500 })),
      },
      closed,
    ),
    /** Newest first. */
    result: Type.Object({ changes: Type.Array(ChangeRow) }, closed),
  }),
  /** Puts the content of before back, if the file is as the change left it; refused otherwise, with what differs. */
  "changes.undo": defineMethod({
    scope: "operator.write",
    params: Type.Object(
      {
        changeId: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
        callId: Type.Optional(Type.String({ maxLength: 128 })),
        force: Type.Optional(Type.Boolean()),
      },
      closed,
    ),
    result: Type.Object({ ok: Type.Literal(true), undone: Type.Array(ChangeRow) }, closed),
  }),
} as const;
