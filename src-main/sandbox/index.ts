/** The list of adapters and the choice among them. Only the assembly imports it. */
import type { SandboxAdapter } from "./contract.ts";
import { bwrapAdapter } from "./bwrap/index.ts";
import { dockerAdapter } from "./docker/index.ts";
import { jobObjectAdapter } from "./job-object/index.ts";
import { noneAdapter } from "./none/index.ts";
import { seatbeltAdapter } from "./seatbelt/index.ts";

export { chooseSandbox } from "./choose.ts";

/** In the order in which `auto` tries them. */
export const SANDBOX_ADAPTERS: readonly SandboxAdapter[] = [
  bwrapAdapter,
  seatbeltAdapter,
  jobObjectAdapter,
  dockerAdapter,
  noneAdapter,
];
