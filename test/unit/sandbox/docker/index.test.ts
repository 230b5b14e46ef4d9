import { rmSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Sandbox } from "#main/sandbox/contract.ts";
import { dockerAdapter } from "#main/sandbox/docker/index.ts";
import { startFakeDocker, type FakeDocker } from "#test/fakes/docker.ts";
import { createManualClock } from "#test/fakes/manual-clock.ts";
import { createGround, run, settingsWith, shell, type Ground } from "#test/fakes/walls.ts";

describe.skipIf(process.platform === "win32")("Docker", () => {
  const env: Record<string, string> = {};
  let ground: Ground;
  let docker: FakeDocker;
  let path: string;
  beforeEach(async () => {
    ground = createGround({ env });
    path = join(ground.dir, "docker.sock");
    docker = await startFakeDocker(path);
    env["DOCKER_HOST"] = `unix://${path}`;
    delete env["GATEHOUSE_SANDBOX_IMAGE"];
  });
  afterEach(async () => {
    await docker.dispose();
    await ground.dispose();
  });
  const open = async (context = ground.context): Promise<Sandbox> => {
    const probe = await dockerAdapter.probe(context);
    if (!probe.ok) throw new Error(probe.reason);
    return probe.sandbox;
  };
  const say = (sandbox: Sandbox, text: string, given = {}, place = ground.place) =>
    run(sandbox.runnerFor(place, settingsWith(given)), shell(ground.workspace, text));

  it("[I06] is refused without its image, with what to load, and never loads it", async () => {
    docker.images.clear();
    expect(await dockerAdapter.probe(ground.context)).toEqual({
      ok: false,
      reason:
        "Docker runs, but the image debian:stable-slim is not there; load it once: docker pull debian:stable-slim",
    });
    env["GATEHOUSE_SANDBOX_IMAGE"] = "own/image:1";
    expect(await dockerAdapter.probe(ground.context)).toMatchObject({ reason: expect.stringContaining("own/image:1") });
    expect(docker.calls.some((call) => call.includes("/images/create"))).toBe(false);
  });
  it("[I06] is refused where it does not run, is elsewhere, or does not answer", async () => {
    env["DOCKER_HOST"] = join("unix://", ground.dir, "none.sock").replace("unix:/", "unix:///");
    expect(await dockerAdapter.probe(ground.context)).toMatchObject({
      ok: false,
      reason: expect.stringContaining("no socket"),
    });
    env["DOCKER_HOST"] = "tcp://10.0.0.1:2375";
    expect(await dockerAdapter.probe(ground.context)).toMatchObject({
      ok: false,
      reason: expect.stringContaining("DOCKER_HOST"),
    });
    const mute = createServer((socket) => socket.on("error", () => undefined));
    const silent = join(ground.dir, "mute.sock");
    await new Promise<void>((resolve) => mute.listen(silent, resolve));
    env["DOCKER_HOST"] = `unix://${silent}`;
    const clock = createManualClock();
    const connected = new Promise<void>((resolve) => mute.once("connection", (socket) => (socket.resume(), resolve())));
    const probing = dockerAdapter.probe({ ...ground.context, clock });
    await connected;
    await clock.advance(2000);
    expect(await probing).toEqual({ ok: false, reason: "Docker did not answer within 2 s" });
    await clock.advance(20_000);
    await new Promise((resolve) => mute.close(resolve));
  });
  it("[I06] makes one container for a place and its settings, however many commands come at once", async () => {
    const sandbox = await open();
    const results = await Promise.all([1, 2, 3].map((each) => say(sandbox, `echo ${each}`)));
    expect(results.map(({ stdout }) => stdout)).toEqual(["1\n", "2\n", "3\n"]);
    expect(docker.calls.filter((call) => call === "POST /containers/create")).toHaveLength(1);
    await say(sandbox, "true", { workspace: "ro" });
    await say(sandbox, "true", { scope: "agent" }, { ...ground.place, sessionKey: "other" });
    await say(sandbox, "true", { scope: "agent" });
    expect(docker.containers.size).toBe(3);
  });
  it("[I06] keeps a container over a restart of the gateway, and does not touch that of another", async () => {
    await say(await open(), "true");
    await say(await open(), "true");
    expect(docker.containers.size).toBe(1);
    for (const container of docker.containers.values())
      container.body = { Labels: { "gatehouse.instance": "another" } };
    await expect(say(await open(), "true")).rejects.toThrow("not the gateway's own");
  });
  it("[AP-17] gives a command its own variables and a mark, nothing else", async () => {
    process.env["DOCKER_TEST_SECRET"] = "sk-docker";
    try {
      await say(await open(), "true");
      expect(docker.executions[0]?.Env.filter((pair) => !pair.startsWith("GATEHOUSE_COMMAND=cmd_"))).toEqual([
        "PATH=/usr/bin:/bin",
        "HOME=/home/somebody",
      ]);
    } finally {
      delete process.env["DOCKER_TEST_SECRET"];
    }
  });
  it("[AP-34] ends the container when a command cannot be ended alone", async () => {
    const sandbox = await open();
    docker.ignoreEnding = true;
    const started = performance.now();
    const result = await run(
      sandbox.runnerFor(ground.place, settingsWith()),
      shell(ground.workspace, "sleep 71", { timeoutMs: 200 }),
    );
    expect(result).toMatchObject({ timedOut: true, exitCode: null });
    expect(docker.calls.some((call) => call.endsWith("/kill"))).toBe(true);
    expect(performance.now() - started).toBeLessThan(5200);
    docker.ignoreEnding = false;
    expect((await say(sandbox, "echo again")).stdout).toBe("again\n");
  });
  it("[I06] prunes the containers of places that are gone, and its own only", async () => {
    const sandbox = await open();
    await say(sandbox, "true");
    docker.containers.set("stranger", {
      name: "stranger",
      running: true,
      body: { Labels: { "gatehouse.instance": "x", "gatehouse.place": "y" } },
    });
    await sandbox.prune();
    expect(docker.containers.size).toBe(2);
    rmSync(join(ground.context.dataDir, "places"), { recursive: true });
    await sandbox.prune();
    expect([...docker.containers.keys()]).toEqual(["stranger"]);
  });
  it("says in words when the Engine is gone", async () => {
    const sandbox = await open();
    await docker.dispose();
    await expect(say(sandbox, "true")).rejects.toThrow(/The command was not run: Docker cannot be reached/);
    docker = await startFakeDocker(path);
  });
  it("ends what runs when it is disposed", async () => {
    const sandbox = await open();
    const command = await sandbox.runnerFor(ground.place, settingsWith()).start(shell(ground.workspace, "sleep 72"));
    await sandbox.dispose();
    expect(command.poll()).toMatchObject({ running: false, exitCode: null });
  });
});
