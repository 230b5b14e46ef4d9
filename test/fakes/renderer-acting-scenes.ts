/** Questions, permissions, changes and a record to look at: what the screenshots of the window show. Data only. */
import type { Approval, ApprovalRequest, Grant, GrantRule } from "#main/protocol/methods/approvals.ts";
import type { AuditEntry } from "#main/protocol/methods/audit.ts";
import type { Message } from "#main/protocol/messages.ts";
import { Refusal, type RendererGateway } from "./renderer-gateway.ts";

export const LONG_COMMAND = [
  "set -euo pipefail",
  'for file in $(git ls-files "*.sql"); do',
  '  sed -i "s/TIMESTAMP/TIMESTAMPTZ/g" "$file"',
  '  psql --single-transaction --file "$file" "$DATABASE_URL" | tee -a migrate.log',
  "done",
  ...Array.from({ length: 40 }, (_, at) => `echo "step ${at + 1} of 40: moving rows" >> migrate.log`),
  "rm -rf ./backup/2026-10",
].join("\n");

export const DIFF = [
  "--- a/notes/plan.md",
  "+++ b/notes/plan.md",
  "@@ -1,14 +1,15 @@",
  " # Plan for the week",
  " ",
  " Monday",
  " - call the plumber",
  " - water the plants",
  " - answer the letter from the council",
  " - book the train",
  " - back up the photos",
  " Tuesday",
  "-- dentist at 9",
  "+- dentist at 10",
  "+- pick up the parcel",
  " Wednesday",
  " - rest",
  " - read",
  " - cook",
  "",
].join("\n");

const RULE: GrantRule = {
  tool: "bash",
  match: { kind: "exact", argv: ["/bin/bash", "-c", "npm test"], cwd: "/home/ada/workspace" },
  where: { kind: "session", sessionKey: "asked" },
  maxLevel: 7,
};

/** A request with everything that a card can show. */
export function toRequest(change: Partial<ApprovalRequest> = {}): ApprovalRequest {
  return {
    tool: "bash",
    level: 7,
    command: "npm test",
    argv: ["/bin/bash", "-c", "npm test"],
    cwd: "/home/ada/workspace",
    envKeys: ["HOME", "LANG", "PATH"],
    resolvedPath: "/usr/bin/npm",
    host: "this computer · bubblewrap",
    agentId: "main",
    sessionKey: "asked",
    channel: "webchat",
    requester: "you",
    summary: "Run npm test",
    why: "npm runs scripts of the project",
    warnings: [],
    allowedDecisions: ["allow-once", "allow-always", "deny"],
    proposals: [
      { rule: RULE, sentence: 'May run exactly "npm test" in /home/ada/workspace without asking.' },
      {
        rule: { ...RULE, match: { kind: "program", path: "/usr/bin/rsync", cwd: "/home/ada/workspace" } },
        sentence: "May run /usr/bin/rsync with any arguments in /home/ada/workspace without asking.",
      },
    ],
    digest: "b5d4045c3f466fa91fe2cc6abe79232a1a57cdf104f7a26e716e0a1e2789df78",
    ...change,
  };
}

export function toApproval(id: string, now: number, change: Partial<ApprovalRequest> = {}): Approval {
  return {
    id,
    approvalKind: "tool",
    request: toRequest(change),
    createdAtMs: now,
    expiresAtMs: now + 118_000,
    status: "pending",
  };
}

/** A conversation whose run waits for an answer to `approval`. */
export function fillAsked(gateway: RendererGateway, now: number, approval: Approval): void {
  const key = approval.request.sessionKey;
  const base = { timestamp: now - 60_000, runId: "run-asked" };
  const args = approval.request.command ? { command: approval.request.command } : { path: "notes/plan.md" };
  const chat = gateway.addChat(
    key,
    "Move the database to the new schema",
    [
      { ...base, id: "k1", role: "user", content: [{ type: "text", text: "Please run what is needed for the move." }] },
      {
        ...base,
        id: "k2",
        role: "assistant",
        model: "anthropic/claude-sonnet-4-5",
        stopReason: "toolUse",
        content: [
          { type: "text", text: "I looked at the schema. The next step changes things, so it needs your word." },
          { type: "toolCall", id: "c0", name: "read", arguments: { path: "schema/messages.sql" } },
          { type: "toolCall", id: "c1", name: approval.request.tool, arguments: args },
        ],
      },
      {
        ...base,
        id: "k3",
        role: "toolResult",
        toolCallId: "c0",
        toolName: "read",
        content: [{ type: "text", text: "CREATE TABLE messages (…);" }],
      },
    ],
    { hasActiveRun: true },
  );
  chat.inFlightRun = {
    runId: "run-asked",
    seq: 4,
    startedAtMs: now - 60_000,
    text: "",
    tools: [{ toolCallId: "c1", name: approval.request.tool, args, approvalId: approval.id }],
  };
  answerApprovals(gateway, [approval]);
}

/** Makes the fake keep and settle questions, as the desk does: the first answer wins. */
export function answerApprovals(gateway: RendererGateway, approvals: readonly Approval[]): Map<string, Approval> {
  const kept = new Map(approvals.map((approval) => [approval.id, approval]));
  gateway.answer("exec.approval.list", () => [...kept.values()].filter(({ status }) => status === "pending"));
  gateway.answer("exec.approval.get", ({ id }) => ({ approval: kept.get(id) ?? toApproval(id, 0) }));
  gateway.answer("exec.approval.resolve", ({ id, decision }) => {
    const approval = kept.get(id);
    const outcome = decision === "deny" ? "denied" : "allowed";
    const resolvedAtMs = (approval?.createdAtMs ?? 0) + 5000;
    if (approval) {
      kept.set(id, { ...approval, status: "resolved", outcome, decision, resolvedBy: "device:d1", resolvedAtMs });
    }
    gateway.emit("exec.approval.resolved", { id, decision, outcome, resolvedBy: "device:d1", ts: resolvedAtMs });
    return { ok: true };
  });
  gateway.answer("exec.approval.couldNotShow", () => ({ ok: true }));
  gateway.answer("exec.approval.grants.simulate", ({ rule }) => ({
    sentence: `May run exactly "${rule.match.kind === "exact" ? rule.match.argv.at(-1) : ""}" without asking.`,
    looked: 41,
    matched: [1, 2, 3].map((at) => ({ id: `p${at}`, summary: "Run npm test", createdAtMs: at * 3_600_000 })),
  }));
  return kept;
}

/** History, permissions, tools, walls. */
export function fillApprovals(gateway: RendererGateway, now: number): void {
  const { command: _, argv: __, resolvedPath: ___, ...bare } = toRequest();
  const past = (
    id: string,
    minutes: number,
    change: Partial<Approval>,
    request: Partial<ApprovalRequest>,
  ): Approval => ({
    ...toApproval(id, now - minutes * 60_000),
    request: request.diff ? { ...bare, ...request } : toRequest(request),
    status: "resolved",
    resolvedBy: "device:d1",
    resolvedAtMs: now - minutes * 60_000 + 9000,
    ...change,
  });
  const edit = { tool: "edit", level: 3, summary: "Replace text in one place of notes/plan.md", diff: DIFF };
  gateway.answer("approval.history", () => ({
    items: [
      past("h1", 3, { outcome: "allowed", decision: "allow-once", run: "done" }, {}),
      past(
        "h2",
        9,
        { outcome: "denied", decision: "deny" },
        { summary: "Run rm -rf ./backup", command: "rm -rf ./backup" },
      ),
      past("h3", 40, { outcome: "allowed", decision: "allow-always", run: "failed" }, edit),
      past("h4", 64, { outcome: "expired", resolvedBy: "nobody answered in time" }, { summary: "Run make deploy" }),
      past("h5", 90, { outcome: "could-not-show" }, { tool: "web_fetch", level: 2, summary: "Fetch example.org" }),
      past("h6", 1500, { outcome: "allowed", decision: "allow-once", run: "unknown" }, { summary: "Run ./migrate.sh" }),
    ],
    nextCursor: "h6",
  }));
  const grant = (grantId: string, sentence: string, change: Partial<Grant>): Grant => ({
    grantId,
    rule: RULE,
    sentence,
    createdAtMs: now - 86_400_000,
    createdBy: "device:d1",
    mintedByApprovalId: "h1",
    uses: 0,
    ...change,
  });
  gateway.answer("exec.approval.grants.list", () => ({
    grants: [
      grant("g1", 'May run exactly "npm test" in ~/workspace without asking, up to level 7, in this conversation.', {
        uses: 12,
        lastUsedAtMs: now - 600_000,
      }),
      grant("g2", "May use edit in ~/workspace without asking, up to level 3, in all conversations of this agent.", {}),
      grant("g3", "May run /usr/bin/rsync with any arguments in ~/photos without asking.", {
        revokedAtMs: now - 7_200_000,
      }),
    ],
  }));
  gateway.answer("exec.approval.grants.revoke", () => ({ outcome: "revoked" }));
  gateway.answer("tools.catalog", () => ({
    agentId: "main",
    profiles: [],
    groups: [
      {
        id: "fs",
        label: "Files",
        source: "core",
        tools: ["read", "write", "bash"].map((id) => ({
          id,
          label: id,
          description: "",
          params: { properties: { path: { type: "string" } }, required: ["path"] },
        })),
      },
    ],
  }));
  gateway.answer("tools.explain", ({ tool }) => ({
    level: tool === "bash" ? 7 : 1,
    decision: tool === "bash" ? "ask" : "allow",
    reason: tool === "bash" ? "level 7 asks the owner" : "level 1 runs without asking",
    rule: "autoApproveLevels",
  }));
  gateway.answer("sandbox.status", () => ({
    adapter: "bwrap",
    label: "Confined by bubblewrap",
    confined: ["Files outside of the workspace cannot be written", "No network", "At most 128 processes"],
    notConfined: ["The processor: no limit is set"],
    unavailable: [{ adapter: "docker", reason: "no Docker socket was found" }],
  }));
  gateway.answer("sessions.elevate", ({ key, elevated }) => ({ ok: true, key, elevated }));
  const resolved = { tools: { approvals: { required: true, autoApproveLevels: [1, 2, 3] } } };
  gateway.answer("config.get", () => ({
    path: "config.yaml",
    exists: true,
    hash: "hash",
    config: {},
    resolved,
    valid: true,
    issues: [],
    warnings: [],
  }));
}

/** A conversation with an edit that can be taken back. */
export function fillChanged(gateway: RendererGateway, now: number): void {
  const base = { timestamp: now - 120_000, runId: "run-changed" };
  const messages: Message[] = [
    { ...base, id: "d1", role: "user", content: [{ type: "text", text: "Move the dentist to ten o'clock." }] },
    {
      ...base,
      id: "d2",
      role: "assistant",
      stopReason: "toolUse",
      content: [
        {
          type: "toolCall",
          id: "e1",
          name: "edit",
          arguments: { path: "notes/plan.md", old_string: "- dentist at 9", new_string: "- dentist at 10" },
        },
      ],
    },
    {
      ...base,
      id: "d3",
      role: "toolResult",
      toolCallId: "e1",
      toolName: "edit",
      content: [{ type: "text", text: "Successfully replaced 1 occurrence in 'notes/plan.md'" }],
    },
    { ...base, id: "d4", role: "assistant", stopReason: "stop", content: [{ type: "text", text: "Done." }] },
  ];
  gateway.addChat("changed", "Dentist at ten", messages);
  gateway.answer("changes.list", ({ sessionKey }) => ({
    changes:
      sessionKey === "changed"
        ? [
            {
              changeId: "chg_1",
              path: "notes/plan.md",
              kind: "changed",
              sessionKey: "changed",
              runId: "run-changed",
              callId: "e1",
              tool: "edit",
              at: now - 110_000,
              bytesBefore: 220,
              bytesAfter: 221,
            },
          ]
        : [],
  }));
}

/** Makes "undo" refuse once, as when the file was changed since. */
export function refuseUndo(gateway: RendererGateway): void {
  gateway.answer("changes.undo", ({ force }) => {
    if (!force) {
      const message = "notes/plan.md was changed since: 14 lines instead of 12. Undoing would lose that.";
      throw new Refusal({ code: "INVALID_REQUEST", message });
    }
    return { ok: true, undone: [] };
  });
}

/** Entries of a day. */
export function fillAudit(gateway: RendererGateway, now: number): void {
  const kinds = [
    ["tool.allowed", "info", "agent:main", "Read schema/messages.sql: level 1 runs without asking"],
    ["approval.requested", "info", "agent:main", "Run npm test"],
    ["approval.resolved", "info", "device:d1", "allowed: Run npm test"],
    ["tool.failed", "info", "agent:main", "bash failed: exit code 1"],
    ["elevation.changed", "warning", "device:d1", "the owner elevated the session"],
    ["auth.locked", "critical", "system", "too many wrong credentials from 203.0.113.7"],
  ] as const;
  const entries = Array.from({ length: 24 }, (_, at): AuditEntry => {
    const [type, level, actor, message] = kinds[at % kinds.length] ?? kinds[0];
    const seq = 240 - at;
    return {
      seq,
      id: `aud_${seq}`,
      ts: now - at * 420_000,
      type,
      level,
      actor,
      message,
      sessionKey: "agent:main:main",
    };
  });
  gateway.answer("audit.list", ({ type }) => ({
    entries: entries.filter((entry) => type === undefined || entry.type === type),
    nextCursor: 216,
  }));
  gateway.answer("audit.verify", () => ({ ok: true, entries: 240 }));
  gateway.answer("audit.export", () => ({
    fileName: "audit.jsonl",
    mimeType: "text/plain",
    content: "",
    truncated: false,
  }));
}
