/** The list of channels: a line each. Only the assembly reads it. */
import type { AnyChannel } from "./contract.ts";
import { telegram } from "./telegram/telegram.ts";

export const CHANNELS: readonly AnyChannel[] = [telegram];
