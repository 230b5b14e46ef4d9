/** The finished rooms that decide about acting, as the assembly hands them over. */
import type { Desk } from "#main/approvals/desk.ts";
import type { Elevations } from "#main/approvals/elevations.ts";
import type { Grants } from "#main/approvals/grants.ts";
import type { Invocations } from "#main/approvals/invocations.ts";
import type { AuditLog } from "#main/audit/log.ts";
import type { SandboxKeeper } from "#main/sandbox/keeper.ts";
import type { Changes } from "#main/sessions/changes.ts";
import type { Turns } from "#main/sessions/turn.ts";
import type { AnyTool } from "#main/tools/contract.ts";

export interface ActingRooms {
  turns: Turns;
  desk: Desk;
  grants: Grants;
  audit: AuditLog;
  invocations: Invocations;
  elevations: Elevations;
  /** The tools there are now. */
  tools(): readonly AnyTool[];
  changes: Changes;
  sandbox: SandboxKeeper;
}
