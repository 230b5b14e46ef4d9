/** health, status, presence, logs. */
import type { Handlers } from "../dispatch.ts";
import type { MethodDeps } from "./deps.ts";
import { readStatus } from "./status.ts";

type SystemHandlers = Pick<Handlers, "health" | "status" | "system-presence" | "logs.tail">;

export function createSystemHandlers(deps: MethodDeps): SystemHandlers {
  const { facts } = deps;
  return {
    health: () => deps.health(),
    status: (params) => readStatus(deps, params),
    "system-presence": () => deps.presence(),
    "logs.tail": (params) => ({ file: facts.logFile, ...deps.ring.tail(params) }),
  };
}
