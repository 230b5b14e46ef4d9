/** What the gateway is started with. */
import type { AuthDeps } from "#main/identity/authorize.ts";
import type { CompletionDeps } from "./completions.ts";
import type { Connection } from "./connection.ts";
import type { MethodDeps } from "./methods/deps.ts";

export interface GatewayParts extends Omit<MethodDeps, "connections" | "presence" | "health" | "logins"> {
  auth: AuthDeps;
  /** Shared with the broadcast; filled here. */
  connections: Set<Connection>;
  completions: Omit<CompletionDeps, "knowsAgent">;
  rendererDir: string;
  socketPath: string | undefined;
}
