/** Every combination of scope, workspace and network under bubblewrap, with real programs. */
import { createServer, type Server } from "node:net";
import type { AddressInfo } from "node:net";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bwrapAdapter } from "#main/sandbox/bwrap/index.ts";
import type { Sandbox, SandboxSettings } from "#main/sandbox/contract.ts";
import { createGround, run, settingsWith, shell, whyNoBwrap, type Ground } from "#test/fakes/walls.ts";

const why = whyNoBwrap();
const SCOPES = ["session", "agent", "shared"] as const;
const WORKSPACES = ["none", "ro", "rw"] as const;
const NETWORKS = ["none", "bridge"] as const;
const ALL = SCOPES.flatMap((scope) =>
  WORKSPACES.flatMap((workspace) => NETWORKS.map((network) => ({ scope, workspace, network }))),
);

describe.skipIf(why !== undefined)(`bubblewrap in every mode${why === undefined ? "" : ` (${why})`}`, () => {
  let ground: Ground;
  let sandbox: Sandbox;
  let server: Server;
  let port = 0;
  beforeAll(async () => {
    ground = createGround();
    const probe = await bwrapAdapter.probe(ground.context);
    if (!probe.ok) throw new Error(probe.reason);
    sandbox = probe.sandbox;
    server = createServer((socket) => socket.end());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    port = (server.address() as AddressInfo).port;
  });
  afterAll(async () => {
    await new Promise((resolve) => server.close(resolve));
    await ground.dispose();
  });

  /** As somebody: another conversation, another agent. */
  const as = (sessionKey: string, agentId: string, settings: SandboxSettings, text: string) => {
    const runner = sandbox.runnerFor({ sessionKey, agentId, workspace: ground.workspace }, settings);
    return run(runner, { ...shell(ground.workspace, text), argv: ["/bin/bash", "-c", text] });
  };

  it.each(ALL)("[I06] scope $scope, workspace $workspace, network $network holds what it says", async (mode) => {
    const settings = settingsWith(mode);
    const name = `${mode.scope}-${mode.workspace}-${mode.network}`;
    writeFileSync(join(ground.workspace, "given.txt"), "given\n");
    const facts = await as(
      `one ${name}`,
      "first",
      settings,
      `echo "reads $(cat ${ground.workspace}/given.txt 2>&1)"
       echo ${name} 2>/dev/null >${ground.workspace}/written.txt && echo writes
       (exec 3<>/dev/tcp/127.0.0.1/${port}) 2>/dev/null && echo connects
       echo "net $(grep -c : /proc/net/dev)"
       echo ${name} >~/mark; echo ${name} >/tmp/mark; pwd`,
    );
    const lines = facts.stdout.split("\n");
    expect(lines.includes("reads given"), facts.stdout + facts.stderr).toBe(mode.workspace !== "none");
    expect(lines.includes("writes")).toBe(mode.workspace === "rw");
    expect(lines.includes("connects")).toBe(mode.network === "bridge");
    expect(lines).toContain(mode.workspace === "none" ? "/scratch" : ground.workspace);
    if (mode.workspace === "rw") expect(readFileSync(join(ground.workspace, "written.txt"), "utf8")).toBe(`${name}\n`);

    const look = `cat ~/mark /tmp/mark 2>/dev/null | grep -c '^${name}$'`;
    const sameSession = await as(`one ${name}`, "first", settings, look);
    const sameAgent = await as(`two ${name}`, "first", settings, look);
    const stranger = await as(`three ${name}`, "second", settings, look);
    expect(sameSession.stdout).toBe("2\n");
    expect(sameAgent.stdout).toBe(mode.scope === "session" ? "0\n" : "2\n");
    expect(stranger.stdout).toBe(mode.scope === "shared" ? "2\n" : "0\n");
  });

  it("[I06] is eighteen combinations", () => {
    expect(new Set(ALL.map((mode) => JSON.stringify(mode))).size).toBe(18);
  });
});
