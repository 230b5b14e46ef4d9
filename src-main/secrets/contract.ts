/**
 * Where secrets are kept. A secret is named by an account string such as `provider:anthropic:apiKey` or
 * `gateway:token`; its value never leaves the process but to the service it is for, and is never logged.
 */

export type SecretsBackendName = "keychain" | "file" | "environment";

export interface SecretStore {
  readonly backend: SecretsBackendName;
  /** False: nothing can be kept (no keychain, no consent to a file); reads of the environment still work. */
  readonly canStore: boolean;
  /** Why it is as it is, for a person: which keychain, or why there is none. Undefined when all is well. */
  readonly problem: string | undefined;
  /** From memory: everything is read once at start. Never touches the disk or a bus. */
  get(account: string): string | undefined;
  /** Keeps it durably before resolving. Throws Refused `UNAVAILABLE` when `canStore` is false. */
  set(account: string, value: string): Promise<void>;
  delete(account: string): Promise<void>;
  /** Accounts held, without values. */
  accounts(): readonly string[];
  /**
   * Agrees to the encrypted file where there is no keychain: makes a 0600 key file and goes on with backend `file`.
   * Throws Refused when a keychain is in use.
   */
  consentToFile(): Promise<void>;
}

/** Accounts in use, so that no two rooms invent the same. */
export const ACCOUNTS = {
  gatewayToken: "gateway:token",
  auditKey: "audit:key",
  providerKey: (provider: string) => `provider:${provider}:apiKey`,
  /** What all secrets of a channel begin with. */
  ofChannel: (channel: string) => `channel:${channel}:`,
  channelSecret: (channel: string, account: string, field: string) => `channel:${channel}:${account}:${field}`,
  channelVault: (channel: string, account: string) => `channel:${channel}:${account}:vault`,
} as const;
