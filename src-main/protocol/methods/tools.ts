/** tools.*: what can be done, what would happen, doing it through the one guard. */
import Type from "typebox";
import { defineMethod } from "../method.ts";
import { closed, SessionKeyString } from "./common.ts";

const Args = Type.Record(Type.String(), Type.Unknown());
const ToolName = Type.String({ minLength: 1, maxLength: 64 });

export const toolMethods = {
  "tools.catalog": defineMethod({
    scope: "operator.read",
    params: Type.Object(
      { agentId: Type.Optional(Type.String({ maxLength: 64 })), includePlugins: Type.Optional(Type.Boolean()) },
      closed,
    ),
    result: Type.Object(
      {
        agentId: Type.String(),
        profiles: Type.Array(Type.Object({ id: Type.String(), label: Type.String() }, closed)),
        groups: Type.Array(
          Type.Object(
            {
              id: Type.String(),
              label: Type.String(),
              source: Type.Literal("core"),
              tools: Type.Array(
                Type.Object(
                  { id: Type.String(), label: Type.String(), description: Type.String(), params: Type.Unknown() },
                  closed,
                ),
              ),
            },
            closed,
          ),
        ),
      },
      closed,
    ),
  }),
  "tools.explain": defineMethod({
    scope: "operator.read",
    params: Type.Object({ tool: ToolName, args: Args, sessionKey: Type.Optional(SessionKeyString) }, closed),
    result: Type.Object(
      {
        level: Type.Integer({ minimum: 1, maximum: 9 }),
        decision: Type.Union([Type.Literal("allow"), Type.Literal("ask"), Type.Literal("deny")]),
        reason: Type.String(),
        rule: Type.Optional(Type.String()),
      },
      closed,
    ),
  }),
  /** Through the same guard as everything else. `requiresApproval` with an id when it waits; it then runs by itself. */
  "tools.invoke": defineMethod({
    scope: "operator.write",
    params: Type.Object(
      {
        name: ToolName,
        args: Type.Optional(Args),
        sessionKey: Type.Optional(SessionKeyString),
        agentId: Type.Optional(Type.String({ maxLength: 64 })),
        confirm: Type.Optional(Type.Boolean()),
        idempotencyKey: Type.Optional(Type.String({ minLength: 1, maxLength: 256 })),
      },
      closed,
    ),
    result: Type.Object(
      {
        ok: Type.Boolean(),
        toolName: Type.String(),
        output: Type.Optional(Type.String()),
        requiresApproval: Type.Optional(Type.Boolean()),
        approvalId: Type.Optional(Type.String()),
        source: Type.Optional(Type.String()),
        error: Type.Optional(Type.Object({ code: Type.String(), message: Type.String() }, closed)),
      },
      closed,
    ),
  }),
  /** `/elevated on|off` for a session; by the owner only. */
  "sessions.elevate": defineMethod({
    scope: "operator.admin",
    params: Type.Object({ key: SessionKeyString, elevated: Type.Boolean() }, closed),
    result: Type.Object({ ok: Type.Literal(true), key: Type.String(), elevated: Type.Boolean() }, closed),
  }),
} as const;
