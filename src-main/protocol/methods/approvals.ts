/** exec.approval.*, approval.history, grants: asking the owner, for every tool and not only for commands. */
import Type, { type Static } from "typebox";
import { defineMethod } from "../method.ts";
import { closed, NoParams } from "./common.ts";

const Id = Type.String({ minLength: 1, maxLength: 128 });

export const ApprovalDecision = Type.Union([
  Type.Literal("allow-once"),
  Type.Literal("allow-always"),
  Type.Literal("deny"),
]);
export type ApprovalDecision = Static<typeof ApprovalDecision>;

export const ApprovalOutcome = Type.Union([
  Type.Literal("allowed"),
  Type.Literal("denied"),
  Type.Literal("expired"),
  Type.Literal("could-not-show"),
]);

/**
 * What "always" means, as data: matches calls of `tool` by `match`, for `where`, until `expiresAtMs`. `sentence` says it
 * in words, made from the data, never the other way round.
 */
export const GrantRule = Type.Object(
  {
    tool: Type.String({ minLength: 1, maxLength: 64 }),
    match: Type.Union([
      /** This command with these arguments, to the byte; with `filesDigest`, only while the files it names are the same. */
      Type.Object(
        {
          kind: Type.Literal("exact"),
          argv: Type.Array(Type.String()),
          cwd: Type.String(),
          filesDigest: Type.Optional(Type.String()),
        },
        closed,
      ),
      /** This program (real path) in this folder, any arguments that keep the level. */
      Type.Object({ kind: Type.Literal("program"), path: Type.String(), cwd: Type.String() }, closed),
      /** This tool in this workspace. */
      Type.Object({ kind: Type.Literal("tool"), workspace: Type.String() }, closed),
    ]),
    where: Type.Union([
      Type.Object({ kind: Type.Literal("session"), sessionKey: Type.String() }, closed),
      Type.Object({ kind: Type.Literal("agent"), agentId: Type.String() }, closed),
      Type.Object({ kind: Type.Literal("everywhere") }, closed),
    ]),
    maxLevel: Type.Integer({ minimum: 1, maximum: 7 }),
    expiresAtMs: Type.Optional(Type.Integer()),
  },
  closed,
);
export type GrantRule = Static<typeof GrantRule>;

/**
 * What is shown is what runs. Texts hold no control, bidirectional or zero-width character: they are written as
 * `\u{…}`, and `warnings` says so.
 */
export const ApprovalRequest = Type.Object(
  {
    tool: Type.String(),
    level: Type.Integer({ minimum: 1, maximum: 9 }),
    command: Type.Optional(Type.String()),
    argv: Type.Optional(Type.Array(Type.String())),
    cwd: Type.Optional(Type.String()),
    /** Names only. */
    envKeys: Type.Optional(Type.Array(Type.String())),
    resolvedPath: Type.Optional(Type.String()),
    /** Where it runs: `gateway`, and behind which walls. */
    host: Type.String(),
    agentId: Type.String(),
    sessionKey: Type.String(),
    channel: Type.Optional(Type.String()),
    requester: Type.Optional(Type.String()),
    summary: Type.String(),
    /** A unified diff. */
    diff: Type.Optional(Type.String()),
    hosts: Type.Optional(Type.Array(Type.String())),
    why: Type.Optional(Type.String()),
    warnings: Type.Array(Type.String()),
    allowedDecisions: Type.Array(ApprovalDecision),
    /** Grants that "always" could become, narrowest first; the first is proposed. Empty for levels 8 and 9. */
    proposals: Type.Array(Type.Object({ rule: GrantRule, sentence: Type.String() }, closed)),
    digest: Type.String(),
  },
  closed,
);
export type ApprovalRequest = Static<typeof ApprovalRequest>;

export const Approval = Type.Object(
  {
    id: Type.String(),
    approvalKind: Type.String(),
    request: ApprovalRequest,
    createdAtMs: Type.Integer(),
    expiresAtMs: Type.Integer(),
    status: Type.Union([Type.Literal("pending"), Type.Literal("resolved")]),
    outcome: Type.Optional(ApprovalOutcome),
    decision: Type.Optional(ApprovalDecision),
    resolvedBy: Type.Optional(Type.String()),
    resolvedAtMs: Type.Optional(Type.Integer()),
    run: Type.Optional(Type.Union([Type.Literal("done"), Type.Literal("failed"), Type.Literal("unknown")])),
  },
  closed,
);
export type Approval = Static<typeof Approval>;

export const Grant = Type.Object(
  {
    grantId: Type.String(),
    rule: GrantRule,
    sentence: Type.String(),
    createdAtMs: Type.Integer(),
    createdBy: Type.String(),
    mintedByApprovalId: Type.Optional(Type.String()),
    revokedAtMs: Type.Optional(Type.Integer()),
    lastUsedAtMs: Type.Optional(Type.Integer()),
    uses: Type.Integer(),
  },
  closed,
);
export type Grant = Static<typeof Grant>;

export const approvalMethods = {
  "exec.approval.list": defineMethod({ scope: "operator.approvals", params: NoParams, result: Type.Array(Approval) }),
  "exec.approval.get": defineMethod({
    scope: "operator.approvals",
    params: Type.Object({ id: Id }, closed),
    result: Type.Object({ approval: Approval }, closed),
  }),
  /** The one way to an answer. Throws ALREADY_RESOLVED with the decision that stands, APPROVAL_NOT_FOUND. */
  "exec.approval.resolve": defineMethod({
    scope: "operator.approvals",
    params: Type.Object({ id: Id, decision: ApprovalDecision, rule: Type.Optional(GrantRule) }, closed),
    result: Type.Object({ ok: Type.Literal(true), grantId: Type.Optional(Type.String()) }, closed),
  }),
  /** The client could not show the request: it is told apart from a no. Only ends it when nobody else can show it. */
  "exec.approval.couldNotShow": defineMethod({
    scope: "operator.approvals",
    params: Type.Object({ id: Id, reason: Type.String({ maxLength: 500 }) }, closed),
    result: Type.Object({ ok: Type.Literal(true) }, closed),
  }),
  "approval.history": defineMethod({
    scope: "operator.approvals",
    params: Type.Object(
      {
        cursor: Type.Optional(Type.String({ maxLength: 128 })),
        limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
      },
      closed,
    ),
    result: Type.Object({ items: Type.Array(Approval), nextCursor: Type.Optional(Type.String()) }, closed),
  }),
  "exec.approval.grants.list": defineMethod({
    scope: "operator.approvals",
    params: Type.Object({ includeRevoked: Type.Optional(Type.Boolean()) }, closed),
    result: Type.Object({ grants: Type.Array(Grant) }, closed),
  }),
  "exec.approval.grants.revoke": defineMethod({
    scope: "operator.approvals",
    params: Type.Object({ grantId: Id }, closed),
    result: Type.Object(
      { outcome: Type.Union([Type.Literal("revoked"), Type.Literal("already-revoked"), Type.Literal("not-found")]) },
      closed,
    ),
  }),
  /** What a rule would have allowed of the past, before it is saved. */
  "exec.approval.grants.simulate": defineMethod({
    scope: "operator.approvals",
    params: Type.Object({ rule: GrantRule }, closed),
    result: Type.Object(
      {
        sentence: Type.String(),
        looked: Type.Integer(),
        matched: Type.Array(
          Type.Object({ id: Type.String(), summary: Type.String(), createdAtMs: Type.Integer() }, closed),
        ),
      },
      closed,
    ),
  }),
} as const;
