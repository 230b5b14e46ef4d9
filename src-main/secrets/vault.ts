/** What a place that keeps secrets offers to the store in front of it. The store holds the values; this keeps them. */
import type { SecretsBackendName } from "./contract.ts";

export interface Vault {
  readonly backend: Exclude<SecretsBackendName, "environment">;
  /** What it held when it was opened. */
  readonly entries: ReadonlyMap<string, string>;
  /** Durable when resolved. Throws Refused `UNAVAILABLE`. One call at a time. */
  set(account: string, value: string): Promise<void>;
  /** Durable when resolved; a missing account is fine. Throws Refused `UNAVAILABLE`. One call at a time. */
  delete(account: string): Promise<void>;
}
