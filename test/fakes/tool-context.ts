/** The world of one tool call, for tests: nothing is there until a test gives it, and reaching for it fails loudly. */
import { silentLogger } from "#main/base/logger.ts";
import type { ToolContext } from "#main/tools/contract.ts";
import { createManualClock } from "./manual-clock.ts";

function absent(what: string): never {
  throw new Error(`this test gives no ${what}`);
}

export function createToolContext(given: Partial<ToolContext> = {}): ToolContext {
  return {
    workspace: "/nowhere",
    agentId: "main",
    sessionKey: "agent:main:main",
    runId: "run_1",
    clock: createManualClock(),
    log: silentLogger,
    signal: new AbortController().signal,
    commands: { run: async () => absent("command runner"), start: async () => absent("command runner") },
    commandEnv: { PATH: "/usr/bin:/bin" },
    overflowDir: "/nowhere",
    fetch: async () => absent("network"),
    recordChange: async () => {},
    settings: {},
    services: {
      listSessions: async () => [],
      readSession: async () => [],
      readConfig: () => ({}),
      sendMessage: async () => absent("conversation"),
      customTools: { list: () => [], save: async () => absent("custom tools"), remove: async () => false },
      secret: () => undefined,
    },
    ...given,
  };
}
