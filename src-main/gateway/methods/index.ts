/** All handlers. A declared method without one does not compile here. */
import type { Handlers } from "../dispatch.ts";
import { createAgentHandlers } from "./agent.ts";
import { createApprovalHandlers } from "./approvals.ts";
import { createAuditHandlers } from "./audit.ts";
import { createChannelHandlers } from "./channels/handlers.ts";
import { createChangeHandlers } from "./changes.ts";
import { createChatHandlers } from "./chat.ts";
import { createConfigHandlers } from "./config.ts";
import type { MethodDeps } from "./deps.ts";
import { createDeviceHandlers } from "./devices.ts";
import { createModelHandlers } from "./models.ts";
import { createSessionHandlers } from "./sessions.ts";
import { createSystemHandlers } from "./status.ts";
import { createToolHandlers } from "./tools.ts";
import { createUsageHandlers } from "./usage.ts";

export function createHandlers(deps: MethodDeps): Handlers {
  return {
    ...createSystemHandlers(deps),
    ...createChatHandlers(deps),
    ...createChannelHandlers(deps),
    ...createApprovalHandlers(deps),
    ...createAuditHandlers(deps),
    ...createToolHandlers(deps),
    ...createChangeHandlers(deps),
    ...createAgentHandlers(deps),
    ...createSessionHandlers(deps),
    ...createConfigHandlers(deps),
    ...createModelHandlers(deps),
    ...createUsageHandlers(deps),
    ...createDeviceHandlers(deps),
  };
}
