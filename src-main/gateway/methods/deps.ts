/** What the gateway is started with, and what of it the handlers of all areas are given: each takes what it needs. */
import type { AuthDeps } from "#main/identity/authorize.ts";
import type { HealthSummary } from "#main/protocol/methods/system.ts";
import type { PresenceEntry } from "#main/protocol/frames.ts";
import type { Broadcast } from "../broadcast.ts";
import type { CompletionDeps } from "../completions.ts";
import type { Connection } from "../connection.ts";
import type { EventLoopMeter } from "../event-loop.ts";
import type { Logins } from "./channels/logins.ts";
import type { Rooms } from "./rooms.ts";

export interface GatewayFacts {
  version: string;
  stateDir: string;
  startedAtMs: number;
  /** `http://127.0.0.1:PORT` */
  url(): string;
  /** What is not as it should be, in words. */
  problems(): string[];
  logFile: string;
}

export interface MethodDeps extends Rooms {
  broadcast: Broadcast;
  connections: ReadonlySet<Connection>;
  presence(): PresenceEntry[];
  health(): HealthSummary;
  logins: Logins;
  meter: EventLoopMeter;
  facts: GatewayFacts;
}

/** What the gateway is started with. */
export interface GatewayParts extends Omit<MethodDeps, "connections" | "presence" | "health" | "logins"> {
  auth: AuthDeps;
  /** Shared with the broadcast; filled here. */
  connections: Set<Connection>;
  completions: Omit<CompletionDeps, "knowsAgent">;
  rendererDir: string;
  socketPath: string | undefined;
}
