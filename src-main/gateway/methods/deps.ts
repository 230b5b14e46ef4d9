/** What the handlers of all areas are given. Each takes the part that it needs. */
import type { Clock } from "#main/base/clock.ts";
import type { LogRing } from "#main/base/log-ring.ts";
import type { Logger } from "#main/base/logger.ts";
import type { ConfigService } from "#main/config/contract.ts";
import type { BootstrapCodes } from "#main/identity/bootstrap-codes.ts";
import type { Devices } from "#main/identity/devices.ts";
import type { HealthSummary } from "#main/protocol/methods/system.ts";
import type { PresenceEntry } from "#main/protocol/frames.ts";
import type { ModelCatalogue } from "#main/providers/catalogue.ts";
import type { ProviderRegistry } from "#main/providers/registry.ts";
import type { Receive } from "#main/routing/inbox.ts";
import type { SecretStore } from "#main/secrets/contract.ts";
import type { Turns } from "#main/sessions/turn.ts";
import type { Database } from "#main/store/database.ts";
import type { Broadcast } from "../broadcast.ts";
import type { Connection } from "../connection.ts";
import type { EventLoopMeter } from "../event-loop.ts";

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

export interface MethodDeps {
  db: Database;
  clock: Clock;
  log: Logger;
  ring: LogRing;
  config: ConfigService;
  secrets: SecretStore;
  providers: ProviderRegistry;
  catalogue: ModelCatalogue;
  turns: Turns;
  receive: Receive;
  devices: Devices;
  codes: BootstrapCodes;
  broadcast: Broadcast;
  connections(): ReadonlySet<Connection>;
  presence(): PresenceEntry[];
  health(): HealthSummary;
  meter: EventLoopMeter;
  facts: GatewayFacts;
  env: Readonly<Record<string, string | undefined>>;
}
