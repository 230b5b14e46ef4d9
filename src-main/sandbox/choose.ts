/**
 * Which walls are in force. `auto` takes the first that works here and otherwise says openly that there are none; walls
 * that were asked for by name and cannot be had refuse every command. Must never put weaker walls in their place.
 */
import type { CommandRunner } from "#main/base/command.ts";
import { messageOf, Refused } from "#main/base/errors.ts";
import type { Sandbox, SandboxAdapter, SandboxContext, SandboxProbe, SandboxSettings } from "./contract.ts";
import { createOpenSandbox } from "./none/index.ts";

export interface SandboxChoice {
  mode: SandboxSettings["mode"];
  platform: NodeJS.Platform;
  /** In order of preference. */
  adapters: readonly SandboxAdapter[];
  context: SandboxContext;
}

export interface ChosenSandbox {
  sandbox: Sandbox;
  /** What was tried and cannot be used, in words for a person. */
  unavailable: { adapter: string; reason: string }[];
}

/** Where an adapter is worth a try. The others need something that only this system has. */
const PLATFORM: Readonly<Partial<Record<SandboxAdapter["id"], NodeJS.Platform>>> = {
  bwrap: "linux",
  seatbelt: "darwin",
  "job-object": "win32",
};

/** Never throws: a probe that fails is a reason. */
export async function chooseSandbox({ mode, platform, adapters, context }: SandboxChoice): Promise<ChosenSandbox> {
  if (mode === "off") return { sandbox: createOpenSandbox(context, "off"), unavailable: [] };
  const unavailable: ChosenSandbox["unavailable"] = [];
  const wanted = adapters.filter(({ id }) => id !== "none" && (mode === "auto" || id === mode));
  for (const adapter of wanted) {
    const here = PLATFORM[adapter.id];
    const isElsewhere = here !== undefined && here !== platform;
    if (isElsewhere && mode === "auto") continue;
    const probe = isElsewhere
      ? { ok: false as const, reason: `${adapter.id} does not exist on ${platform}` }
      : await tryProbe(adapter, context);
    if (probe.ok) return { sandbox: probe.sandbox, unavailable };
    unavailable.push({ adapter: adapter.id, reason: probe.reason });
  }
  if (mode === "auto") return { sandbox: createOpenSandbox(context, "nothing"), unavailable };
  const reason = unavailable[0]?.reason ?? "this build does not have it";
  return { sandbox: createClosedSandbox(mode, reason), unavailable };
}

async function tryProbe(adapter: SandboxAdapter, context: SandboxContext): Promise<SandboxProbe> {
  try {
    return await adapter.probe(context);
  } catch (error) {
    context.log.warn("a sandbox could not be tried", { adapter: adapter.id, error });
    return { ok: false, reason: messageOf(error) };
  }
}

/** Runs nothing: walls were asked for that cannot be had. */
function createClosedSandbox(mode: "bwrap" | "docker", reason: string): Sandbox {
  const words = `No command is run: sandbox.mode is '${mode}', and that does not work here: ${reason}. Put that right, or set sandbox.mode to auto or off.`;
  const refuse = () => Promise.reject(new Refused("UNAVAILABLE", words));
  const runner: CommandRunner = { run: refuse, start: refuse };
  return {
    adapter: mode,
    badge: () => ({ adapter: mode, label: "Commands are refused", confined: [words], notConfined: [] }),
    runnerFor: () => runner,
    prune: () => Promise.resolve(),
    dispose() {},
  };
}
