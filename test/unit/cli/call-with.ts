/** Runs commands against a gateway whose methods the test plays. */
import { onTestFinished } from "vitest";
import { runCommand } from "#main/cli/run.ts";
import { tempState } from "#test/fakes/temp-state.ts";
import { playGateway, type FakeGatewayOptions } from "./fake-gateway.ts";
import { createFakeWorld } from "./fake-world.ts";

/** The exit code, the streams and what the gateway was asked. */
export async function callWith(methods: NonNullable<FakeGatewayOptions["methods"]>, ...argv: string[]) {
  const stateDir = tempState();
  const gateway = await playGateway({ stateDir, socket: true, methods }, onTestFinished);
  const world = createFakeWorld({ env: { GATEHOUSE_STATE_DIR: stateDir } });
  return { code: await runCommand(argv, world), out: world.out, err: world.err, calls: gateway.calls };
}
