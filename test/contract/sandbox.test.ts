import { join } from "node:path";
import { bwrapAdapter } from "#main/sandbox/bwrap/index.ts";
import type { SandboxAdapter } from "#main/sandbox/contract.ts";
import { dockerAdapter } from "#main/sandbox/docker/index.ts";
import { noneAdapter } from "#main/sandbox/none/index.ts";
import { startFakeDocker } from "#test/fakes/docker.ts";
import { createGround, whyNoBwrap, type Ground } from "#test/fakes/walls.ts";
import { sandboxContract, type Subject } from "./sandbox.suite.ts";

async function subjectOf(adapter: SandboxAdapter, ground: Ground): Promise<Subject> {
  const probe = await adapter.probe(ground.context);
  if (!probe.ok) throw new Error(probe.reason);
  const { sandbox } = probe;
  return {
    ...{ ground, sandbox },
    async dispose() {
      await sandbox.dispose();
      await ground.dispose();
    },
  };
}

sandboxContract("none", undefined, () => subjectOf(noneAdapter, createGround()));
sandboxContract("bwrap", whyNoBwrap(), () => subjectOf(bwrapAdapter, createGround()));

const whyNoSockets = process.platform === "win32" ? "an Engine of a test needs a Unix socket" : undefined;
sandboxContract("docker", whyNoSockets, async () => {
  const env: Record<string, string> = {};
  const ground = createGround({ env });
  const path = join(ground.dir, "docker.sock");
  const docker = await startFakeDocker(path);
  env["DOCKER_HOST"] = `unix://${path}`;
  const subject = await subjectOf(dockerAdapter, ground);
  return {
    ...subject,
    async dispose() {
      await subject.sandbox.dispose();
      await docker.dispose();
      await ground.dispose();
    },
  };
});
