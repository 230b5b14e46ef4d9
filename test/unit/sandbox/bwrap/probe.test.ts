import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { CommandResult, CommandRunner, CommandSpec } from "#main/base/command.ts";
import { bwrapAdapter } from "#main/sandbox/bwrap/index.ts";
import { findMeans } from "#main/sandbox/bwrap/probe.ts";
import { createGround, run, settingsWith, shell, whyNoBwrap, type Ground } from "#test/fakes/walls.ts";

const why = whyNoBwrap();

describe.skipIf(why !== undefined)(`what bubblewrap can do here${why === undefined ? "" : ` (${why})`}`, () => {
  let ground: Ground;
  beforeEach(() => {
    ground = createGround();
  });
  afterEach(() => ground.dispose());
  const said = (given: Partial<CommandResult>): CommandResult => ({
    ...{ exitCode: 0, signal: null, stdout: "", stderr: "", timedOut: false, droppedBytes: 0, durationMs: 1 },
    ...given,
  });
  /** The real runner, but for what `answer` knows. */
  const contextWith = (answer: (spec: CommandSpec) => CommandResult | undefined) => {
    const runner: CommandRunner = {
      run: (spec, signal) => {
        const known = answer(spec);
        return known === undefined ? ground.plain.run(spec, signal) : Promise.resolve(known);
      },
      start: (spec) => ground.plain.start(spec),
    };
    return { ...ground.context, runner };
  };
  const isVersion = (spec: CommandSpec) => spec.argv.includes("--version");
  const isPerl = (spec: CommandSpec) => spec.argv.some((each) => each.endsWith("/perl"));

  it("[I07] is measured: a limit on processes that stops nothing is not claimed", async () => {
    const trial = said({ stdout: "forks\nunbounded\n" });
    const found = await findMeans(
      contextWith((spec) => (isVersion(spec) ? undefined : trial)),
      process.getuid?.(),
    );
    expect(found).toMatchObject({ ok: true, means: { holdsProcesses: false } });
    const real = await findMeans(ground.context, process.getuid?.());
    expect(real).toMatchObject({ ok: true, means: { holdsProcesses: true } });
  });
  it("[I07] leaves a limit out under which nothing starts", async () => {
    const context = contextWith((spec) => {
      if (isVersion(spec)) return undefined;
      return spec.argv.some((each) => each.startsWith("--nproc"))
        ? said({ exitCode: 2, stderr: "Cannot fork" })
        : said({ stdout: "forks\n" });
    });
    expect(await findMeans(context, process.getuid?.())).toMatchObject({ ok: true, means: { holdsProcesses: false } });
  });
  it("[I06] is refused when it is too old, or when it does not run, in words", async () => {
    const old = await findMeans(
      contextWith((spec) => (isVersion(spec) ? said({ stdout: "bubblewrap 0.6.1\n" }) : undefined)),
      1000,
    );
    expect(old).toEqual({ ok: false, reason: "bubblewrap 0.6 is too old: 0.8 is needed" });
    const denied = said({ exitCode: 1, stderr: "bwrap: setting up uid map: Permission denied\n" });
    const broken = await findMeans(
      contextWith((spec) => (isVersion(spec) ? undefined : denied)),
      1000,
    );
    expect(broken).toMatchObject({
      ok: false,
      reason: expect.stringContaining("setting up uid map: Permission denied"),
    });
  });
  it.skipIf(process.getuid?.() !== 0)(
    "[I07] stands without the limit on processes where root cannot become another user, and says so",
    async () => {
      const context = contextWith((spec) =>
        isPerl(spec) ? said({ exitCode: 125, stderr: "gatehouse-walls: map /: Invalid argument\n" }) : undefined,
      );
      const probe = await bwrapAdapter.probe(context);
      if (!probe.ok) throw new Error(probe.reason);
      expect(probe.sandbox.badge(settingsWith()).notConfined.join(" ")).toContain("limit of 64 is not held");
      const runner = probe.sandbox.runnerFor(ground.place, settingsWith());
      const result = await run(
        runner,
        shell(ground.workspace, `id -u; echo x >made && cat made; cat ${ground.state}/x; ls ${ground.state}`),
      );
      expect(result.stdout).toBe("1000\nx\n");
    },
  );
  it("[I06] a workspace that cannot be shown means that the command is not run", async () => {
    const probe = await bwrapAdapter.probe(ground.context);
    if (!probe.ok) throw new Error(probe.reason);
    const place = { ...ground.place, workspace: `${ground.workspace}/missing` };
    await expect(run(probe.sandbox.runnerFor(place, settingsWith()), shell(ground.workspace, "true"))).rejects.toThrow(
      "no workspace folder",
    );
    const fails = contextWith((spec) =>
      spec.argv.includes("unique-word") ? said({ exitCode: 125, stderr: "gatehouse-walls: map: no\n" }) : undefined,
    );
    const second = await bwrapAdapter.probe(fails);
    if (!second.ok) throw new Error(second.reason);
    const spec = { ...shell(ground.workspace, ""), argv: ["/bin/echo", "unique-word"] as const };
    await expect(run(second.sandbox.runnerFor(ground.place, settingsWith()), spec)).rejects.toThrow(
      "not run: its sandbox could not be set up",
    );
  });
});
