/** The list of adapters. Only the assembly imports it. */
import type { SandboxAdapter } from "./contract.ts";
import { bwrapAdapter } from "./bwrap/index.ts";
import { dockerAdapter } from "./docker/index.ts";
import { jobObjectAdapter } from "./job-object/index.ts";
import { noneAdapter } from "./none/index.ts";
import { seatbeltAdapter } from "./seatbelt/index.ts";

/** In the order in which `auto` tries them. */
export const SANDBOX_ADAPTERS: readonly SandboxAdapter[] = [
  bwrapAdapter,
  seatbeltAdapter,
  jobObjectAdapter,
  dockerAdapter,
  noneAdapter,
];
