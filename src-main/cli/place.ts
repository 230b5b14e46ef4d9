/** Where a command works: the state directory and the configuration, from options and environment. Pure. */
import { namedConfigPath, stateDirOf } from "#main/config/paths.ts";
import { textOption, type Invocation } from "./command.ts";

export interface Place {
  /** Absolute. */
  stateDir: string;
  /** Absolute; absent: looked for in the state directory. */
  configPath?: string;
}

export function placeOf(invocation: Invocation): Place {
  const { env, home } = invocation.world;
  const configPath = namedConfigPath(env, home, textOption(invocation, "config"));
  return {
    stateDir: stateDirOf(env, home, textOption(invocation, "state-dir")),
    ...(configPath === undefined ? {} : { configPath }),
  };
}
