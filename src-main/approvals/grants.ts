/** What "always" was said to: kept, found, shown, taken back. A rule counts only while it covers the call in every part. */
import type { Clock } from "#main/base/clock.ts";
import { Refused } from "#main/base/errors.ts";
import { createId } from "#main/base/ids.ts";
import type { Approval, Grant, GrantRule } from "#main/protocol/methods/approvals.ts";
import type { Plan } from "#main/tools/contract.ts";
import type { Database } from "#main/store/database.ts";
import * as rows from "#main/store/grants.ts";
import { pageApprovals } from "#main/store/approvals.ts";
import type { GuardedCall } from "./contract.ts";
import { covers, isWithin, toSentence } from "./grant-rules.ts";

/** How much of the past a simulation looks at. */
const LOOK_BACK = 200;

export class Grants {
  readonly #db: Database;
  readonly #clock: Clock;

  constructor(deps: { db: Database; clock: Clock }) {
    this.#db = deps.db;
    this.#clock = deps.clock;
  }

  /** The grant that covers a call, if there is one. */
  async find(
    call: GuardedCall,
    plan: Plan,
    workspace: string,
  ): Promise<{ grantId: string; sentence: string } | undefined> {
    const now = this.#clock.now();
    for (const record of await rows.liveGrants(this.#db, call.tool, now)) {
      const rule = JSON.parse(record.rule) as GrantRule;
      if (covers(rule, call, plan, workspace, now)) return { grantId: record.grant_id, sentence: toSentence(rule) };
    }
    return undefined;
  }

  used(grantId: string): Promise<void> {
    return rows.countGrantUse(this.#db, grantId, this.#clock.now());
  }

  /** Throws Refused when the rule is wider than what was asked. */
  async save(
    rule: GrantRule,
    from: { call: GuardedCall; plan: Plan; workspace: string; by: string; approvalId: string },
  ): Promise<{ grantId: string; sentence: string }> {
    const now = this.#clock.now();
    if (!isWithin(rule, from.call, from.plan, from.workspace, now)) {
      throw new Refused("INVALID_REQUEST", "the rule does not cover this call, or is wider than it");
    }
    const grantId = createId("grt");
    await rows.insertGrant(this.#db, {
      grant_id: grantId,
      tool: rule.tool,
      rule: JSON.stringify(rule),
      created_at: now,
      created_by: from.by,
      approval_id: from.approvalId,
      expires_at: rule.expiresAtMs ?? null,
    });
    return { grantId, sentence: toSentence(rule) };
  }

  async list(includeRevoked: boolean): Promise<Grant[]> {
    return (await rows.listGrants(this.#db, includeRevoked)).map((record) => {
      const rule = JSON.parse(record.rule) as GrantRule;
      return {
        grantId: record.grant_id,
        rule,
        sentence: toSentence(rule),
        createdAtMs: record.created_at,
        createdBy: record.created_by,
        uses: record.uses,
        ...(record.approval_id === null ? {} : { mintedByApprovalId: record.approval_id }),
        ...(record.revoked_at === null ? {} : { revokedAtMs: record.revoked_at }),
        ...(record.last_used_at === null ? {} : { lastUsedAtMs: record.last_used_at }),
      };
    });
  }

  revoke(grantId: string, by: string): Promise<"revoked" | "already-revoked" | "not-found"> {
    return rows.revokeGrant(this.#db, grantId, by, this.#clock.now());
  }

  /** Which of the last questions this rule would have answered. Looks at what was shown, which is what is kept. */
  async simulate(
    rule: GrantRule,
  ): Promise<{ looked: number; matched: { id: string; summary: string; createdAtMs: number }[] }> {
    const { rows: past } = await pageApprovals(this.#db, { limit: LOOK_BACK });
    const matched = past.filter((record) => {
      const request = JSON.parse(record.request) as Approval["request"];
      if (record.tool !== rule.tool || record.level > rule.maxLevel) return false;
      if (rule.where.kind === "session" && rule.where.sessionKey !== record.session_key) return false;
      if (rule.where.kind === "agent" && rule.where.agentId !== record.agent_id) return false;
      const { match } = rule;
      if (match.kind === "exact")
        return request.cwd === match.cwd && JSON.stringify(request.argv) === JSON.stringify(match.argv);
      if (match.kind === "program") return request.cwd === match.cwd && request.resolvedPath === match.path;
      return request.argv === undefined;
    });
    return {
      looked: past.length,
      matched: matched.map((record) => {
        const { summary } = JSON.parse(record.request) as Approval["request"];
        return { id: record.id, summary, createdAtMs: record.created_at };
      }),
    };
  }
}
