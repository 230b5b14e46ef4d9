/**
 * The list of provider kinds. Adding one is a line here and a folder beside it. Only `compose.ts` imports this file.
 */
import { anthropic } from "./anthropic/index.ts";
import type { ProviderKind } from "./contract.ts";
import { demo } from "./demo/index.ts";
import { openai } from "./openai/index.ts";

export const PROVIDER_KINDS: readonly ProviderKind[] = [anthropic, openai, demo];
