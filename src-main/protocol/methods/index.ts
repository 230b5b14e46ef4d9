/** The table of all methods. Dispatch, the schema file, the typed client and the `hello-ok` list read it. */
import type { ParamsOf, ResultOf } from "../method.ts";
import { approvalMethods } from "./approvals.ts";
import { auditMethods } from "./audit.ts";
import { changeMethods } from "./changes.ts";
import { channelMethods } from "./channels.ts";
import { chatMethods } from "./chat.ts";
import { configMethods } from "./config.ts";
import { deviceMethods } from "./devices.ts";
import { sessionMethods } from "./sessions.ts";
import { systemMethods } from "./system.ts";
import { toolMethods } from "./tools.ts";

export const METHODS = {
  ...systemMethods,
  ...chatMethods,
  ...channelMethods,
  ...approvalMethods,
  ...auditMethods,
  ...toolMethods,
  ...changeMethods,
  ...sessionMethods,
  ...configMethods,
  ...deviceMethods,
} as const;

export type Methods = typeof METHODS;
export type MethodName = keyof Methods;
export type MethodParams<N extends MethodName> = ParamsOf<Methods[N]>;
export type MethodResult<N extends MethodName> = ResultOf<Methods[N]>;
