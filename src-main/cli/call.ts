/** `gatehouse call METHOD [JSON]`: one request to the gateway, its answer as JSON on standard output. */
import { GatewayError } from "#main/protocol/client.ts";
import { EXIT, printLine, textOption, usageError, type Invocation } from "./command.ts";
import { withOwner } from "./owner.ts";

/** Parameters in JSON or JSON5; absent: none. Throws Refused `USAGE`. */
export async function toParams(text: string | undefined): Promise<unknown> {
  if (text === undefined) return {};
  try {
    return JSON.parse(text) as unknown;
  } catch {
    const { default: JSON5 } = await import("json5");
    try {
      return JSON5.parse<unknown>(text);
    } catch (error) {
      throw usageError(`the parameters are not JSON: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

function toTimeout(text: string | undefined): number {
  if (text === undefined) return 30_000;
  if (!/^\d{1,9}$/.test(text)) throw usageError(`--timeout is a number of milliseconds, not ${text}`);
  return Number(text);
}

export async function run(invocation: Invocation): Promise<number> {
  const { world, positionals } = invocation;
  const [method, json, ...rest] = positionals;
  if (method === undefined) throw usageError("name a method: gatehouse call METHOD [JSON]");
  if (rest.length > 0) throw usageError("put the parameters into one argument: gatehouse call METHOD '{…}'");
  const params = await toParams(json);
  const timeoutMs = toTimeout(textOption(invocation, "timeout"));
  return withOwner(invocation, async (client) => {
    try {
      // `agent` answers twice: the first answer is let go, the second printed.
      const twice = method === "agent" ? { onAccepted: () => {} } : {};
      const answer = await client.requestAny(method, params, { timeoutMs, ...twice });
      printLine(world.stdout, JSON.stringify(answer ?? null, null, 2));
      return EXIT.ok;
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
      printLine(world.stderr, `${error.code}: ${error.message}`);
      if (error.details !== undefined) printLine(world.stderr, JSON.stringify(error.details));
      return EXIT.failed;
    }
  });
}
