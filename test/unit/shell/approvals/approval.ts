/** Approvals as the gateway sends them, for tests of the tray, the notifications and the command line. */
import type { Approval, ApprovalRequest } from "#main/protocol/methods/approvals.ts";

/** One that waits. @param request what differs from a plain level-4 request of the owner */
export function toApproval(id: string, request: Partial<ApprovalRequest> = {}, createdAtMs = 0): Approval {
  return {
    id,
    approvalKind: "exec",
    createdAtMs,
    expiresAtMs: createdAtMs + 120_000,
    status: "pending",
    request: {
      tool: "write",
      level: 4,
      host: "this computer",
      agentId: "main",
      sessionKey: "agent:main:main",
      channel: "webchat",
      requester: "you",
      summary: `Create notes/${id}.md with 12 bytes`,
      warnings: [],
      allowedDecisions: ["allow-once", "allow-always", "deny"],
      proposals: [],
      digest: "d",
      ...request,
    },
  };
}
