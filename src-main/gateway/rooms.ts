/** The finished rooms below the gateway, as the assembly hands them over. */
import type { Desk } from "#main/approvals/desk.ts";
import type { Grants } from "#main/approvals/grants.ts";
import type { Elevations } from "#main/approvals/elevations.ts";
import type { Invocations } from "#main/approvals/invocations.ts";
import type { AuditLog } from "#main/audit/log.ts";
import type { Clock } from "#main/base/clock.ts";
import type { LogRing } from "#main/base/log-ring.ts";
import type { Logger } from "#main/base/logger.ts";
import type { ConfigService } from "#main/config/contract.ts";
import type { BootstrapCodes } from "#main/identity/bootstrap-codes.ts";
import type { Devices } from "#main/identity/devices.ts";
import type { ModelCatalogue } from "#main/providers/catalogue.ts";
import type { ProviderRegistry } from "#main/providers/registry.ts";
import type { Receive } from "#main/routing/inbox.ts";
import type { SecretStore } from "#main/secrets/contract.ts";
import type { Turns } from "#main/sessions/turn.ts";
import type { Database } from "#main/store/database.ts";
import type { AnyTool } from "#main/tools/contract.ts";

export interface Rooms {
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
  desk: Desk;
  grants: Grants;
  audit: AuditLog;
  invocations: Invocations;
  elevations: Elevations;
  /** The tools there are now. */
  tools(): readonly AnyTool[];
  codes: BootstrapCodes;
  env: Readonly<Record<string, string | undefined>>;
}
