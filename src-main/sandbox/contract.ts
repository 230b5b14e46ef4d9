/**
 * How a command is confined. An adapter turns a command into one that runs inside walls; it never decides whether a
 * command may run, and never claims a wall that it does not hold: `badge` says what is confined, by what, and what not.
 */
import type { Disposable } from "#main/base/disposable.ts";
import type { CommandRunner } from "#main/base/command.ts";
import type { Clock } from "#main/base/clock.ts";
import type { Logger } from "#main/base/logger.ts";

export interface SandboxLimits {
  /** Cores, may be a fraction. */
  cpus?: number;
  memoryMb: number;
  processes: number;
  /** Largest file that may be written. */
  fileMb: number;
}

export interface SandboxSettings {
  mode: "auto" | "off" | "bwrap" | "docker";
  scope: "session" | "agent" | "shared";
  workspace: "none" | "ro" | "rw";
  network: "none" | "bridge";
  limits: SandboxLimits;
}

/** Whose walls: decides which temporary files and containers are shared. */
export interface SandboxPlace {
  sessionKey: string;
  agentId: string;
  /** Absolute path of the workspace on this machine. */
  workspace: string;
}

/** What a person is shown of the walls. Each sentence is true at this moment. */
export interface SandboxBadge {
  adapter: "none" | "bwrap" | "docker" | "seatbelt" | "job-object";
  /** "Confined by bubblewrap" or "Not confined". */
  label: string;
  confined: string[];
  notConfined: string[];
}

export interface Sandbox extends Disposable {
  readonly adapter: SandboxBadge["adapter"];
  badge(settings: SandboxSettings): SandboxBadge;
  /** A runner whose commands live behind the walls of this place. Cheap; called for every command. */
  runnerFor(place: SandboxPlace, settings: SandboxSettings): CommandRunner;
  /** Removes what idle places left behind: after 24 h idle or 7 days. Called about once an hour. */
  prune(): Promise<void>;
}

/** What an adapter is given. */
export interface SandboxContext {
  /** Absolute folder of its own for temporary files and records. */
  dataDir: string;
  clock: Clock;
  log: Logger;
  /** Runs programs without walls; disposed by whoever made it. */
  runner: CommandRunner;
  /** Absolute paths that no command may see though they may lie in the workspace: the gateway's state, its configuration. */
  protectedPaths: readonly string[];
  env: Readonly<Record<string, string | undefined>>;
}

/** An adapter, or why it cannot be used here, in words for a person. */
export type SandboxProbe = { ok: true; sandbox: Sandbox } | { ok: false; reason: string };

export interface SandboxAdapter {
  id: SandboxBadge["adapter"];
  /** Looks whether it works on this machine, by trying it once. Bounded to two seconds. */
  probe(context: SandboxContext): Promise<SandboxProbe>;
}
