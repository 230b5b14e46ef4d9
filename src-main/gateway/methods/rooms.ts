/** The finished rooms below the gateway, as the assembly hands them over. */
import type { Clock } from "#main/base/clock.ts";
import type { LogRing } from "#main/base/log-ring.ts";
import type { Logger } from "#main/base/logger.ts";
import type { ConfigService } from "#main/config/contract.ts";
import type { BootstrapCodes } from "#main/identity/bootstrap-codes.ts";
import type { Devices } from "#main/identity/devices.ts";
import type { ModelCatalogue } from "#main/providers/catalogue.ts";
import type { ProviderRegistry } from "#main/providers/registry.ts";
import type { Receive } from "#main/routing/inbox.ts";
import type { Inject } from "#main/routing/inject.ts";
import type { Reply } from "#main/routing/reply.ts";
import type { SecretStore } from "#main/secrets/contract.ts";
import type { Database } from "#main/store/database.ts";
import type { ActingRooms } from "./acting-rooms.ts";
import type { ChannelRooms } from "./channels/rooms.ts";

export interface Rooms extends ActingRooms, ChannelRooms {
  db: Database;
  clock: Clock;
  log: Logger;
  ring: LogRing;
  config: ConfigService;
  secrets: SecretStore;
  providers: ProviderRegistry;
  catalogue: ModelCatalogue;
  receive: Receive;
  inject: Inject;
  reply: Reply;
  devices: Devices;
  codes: BootstrapCodes;
  env: Readonly<Record<string, string | undefined>>;
}
