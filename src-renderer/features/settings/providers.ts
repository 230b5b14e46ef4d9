/** The services that the models page offers, and what it says of a test. Pure. */
import type { ProviderStatus } from "#main/protocol/methods/config.ts";
import type { ProbeResult } from "../../gateway/config-actions.ts";

export interface Service {
  /** Name in the configuration; empty: to be chosen. */
  provider: string;
  kind: "anthropic" | "openai";
  label: string;
  hint: "anthropicHint" | "openaiHint" | "compatibleHint";
  /** The address is to be typed. */
  needsUrl: boolean;
}

export const SERVICES: readonly Service[] = [
  { provider: "anthropic", kind: "anthropic", label: "Anthropic", hint: "anthropicHint", needsUrl: false },
  { provider: "openai", kind: "openai", label: "OpenAI", hint: "openaiHint", needsUrl: false },
];

export const COMPATIBLE: Service = { provider: "", kind: "openai", label: "", hint: "compatibleHint", needsUrl: true };

/** Configured services beside the known ones, the demo left out. */
export function toOthers(providers: readonly ProviderStatus[]): ProviderStatus[] {
  const known = new Set(SERVICES.map((service) => service.provider));
  return providers.filter((status) => !known.has(status.provider) && status.kind !== "demo" && status.kind !== "llama");
}

/** What is said of a test. */
export const PROBE_WORDS = {
  ok: "models.testOk",
  auth: "models.probeAuth",
  rate_limit: "models.probeRate",
  billing: "models.probeBilling",
  timeout: "models.probeTimeout",
  format: "models.probeFormat",
  no_model: "models.probeNoModel",
  unknown: "models.probeUnknown",
} as const satisfies Record<ProbeResult["status"], string>;

/** True for a name that the configuration takes. */
export function isProviderName(name: string): boolean {
  return /^[a-z][a-z0-9-]{0,31}$/.test(name);
}
