/** `gatehouse version`. */
import { EXIT, isSet, printLine, type Invocation } from "./command.ts";

export function run(invocation: Invocation): Promise<number> {
  const { version, stdout } = invocation.world;
  const facts = { version, node: process.versions.node, platform: process.platform, arch: process.arch };
  printLine(stdout, isSet(invocation, "json") ? JSON.stringify(facts) : `gatehouse ${version}`);
  return Promise.resolve(EXIT.ok);
}
