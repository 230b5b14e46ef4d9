/**
 * The last steps before a confined program, taken inside the walls: its limits, then its environment. What bubblewrap
 * and its neighbours see of the environment means nothing to them: a variable like LD_PRELOAD would let a command load
 * its code into programs outside. Must never put a value of a variable where other users see it.
 */
import type { SandboxLimits } from "../contract.ts";
import type { Means } from "./means.ts";

const PREFIX = "GATEHOUSE_VALUE_";
/** Variables that a shell does not let anybody set, and ours. */
const NOT_SETTABLE = /^(UID|EUID|PPID|SHELLOPTS|BASHOPTS|BASH_VERSINFO|_|GATEHOUSE_.*)$/;
/** A name that any shell takes; POSIX, Base Definitions 3.235. */
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

export interface Launch {
  /** Environment of the programs that build the walls. */
  env: Record<string, string>;
  /** Text for `sh -c`; its arguments are the program and its own. */
  script: string;
}

/** How an environment is carried through the walls. Variables with names that no shell takes are left out. */
export function carryEnvironment(env: Readonly<Record<string, string>>): Launch {
  const carried: Record<string, string> = {};
  const lines: string[] = [];
  for (const [name, value] of Object.entries(env)) {
    if (!NAME.test(name) || NOT_SETTABLE.test(name)) continue;
    const key = `${PREFIX}${lines.length}`;
    carried[key] = value;
    lines.push(`export ${name}="$${key}"; unset ${key}`);
  }
  const leftovers = ["PWD", "OLDPWD", "SHLVL"].filter((name) => !(name in env));
  const script = [
    // When memory runs out, the system ends what is confined first.
    "echo 1000 2>/dev/null >/proc/self/oom_score_adj",
    `unset GATEHOUSE_COMMAND ${leftovers.join(" ")}`,
    ...lines,
    'exec "$@"',
  ].join("\n");
  return { env: carried, script };
}

/**
 * prlimit(1) of util-linux with the limits of a command. RLIMIT_DATA and not RLIMIT_AS: programs with a collector of
 * garbage reserve far more addresses than they use (getrlimit(2): data counts private writable memory since Linux 4.7).
 */
export function limitArguments(limits: SandboxLimits, means: Pick<Means, "holdsProcesses" | "hard">): string[] {
  const mb = 1024 * 1024;
  const both = (wanted: number, hard: number) => `${Math.min(wanted, hard)}:${Math.min(wanted, hard)}`;
  return [
    `--fsize=${both(limits.fileMb * mb, means.hard.fileBytes)}`,
    `--data=${both(limits.memoryMb * mb, means.hard.dataBytes)}`,
    "--core=0:0",
    // One more: the first process of the walls counts too.
    ...(means.holdsProcesses ? [`--nproc=${both(limits.processes + 1, means.hard.processes)}`] : []),
  ];
}
