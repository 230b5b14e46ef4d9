/** Runs a piece of work with the owner's connection and closes it, whatever comes. */
import type { GatewayClient } from "#main/protocol/client.ts";
import type { MethodName, MethodParams, MethodResult } from "#main/protocol/methods/index.ts";
import { printAnswer, textOption, type Invocation } from "./command.ts";
import { openOwnerClient, type OwnerClientOptions } from "./client.ts";
import { placeOf } from "./place.ts";

/** Connects by the options of the call. Throws what `openOwnerClient` throws. */
export function connectOwner(
  invocation: Invocation,
  more: Pick<OwnerClientOptions, "onEvent" | "onState" | "onGap"> = {},
): Promise<GatewayClient> {
  const { world } = invocation;
  const { stateDir, configPath } = placeOf(invocation);
  const token = textOption(invocation, "token");
  const flags = { ...(token === undefined ? {} : { token }), ...(configPath === undefined ? {} : { configPath }) };
  return openOwnerClient({ stateDir, env: world.env, flags, version: world.version, ...more });
}

export async function withOwner<T>(invocation: Invocation, work: (client: GatewayClient) => Promise<T>): Promise<T> {
  const client = await connectOwner(invocation);
  try {
    return await work(client);
  } finally {
    client.close();
  }
}

/** One request as the owner; its answer is printed. @returns the exit code */
export function ask<M extends MethodName>(
  invocation: Invocation,
  method: M,
  params: MethodParams<M>,
  toWords: (answer: MethodResult<M>) => string,
): Promise<number> {
  return withOwner(invocation, async (client) => {
    const answer = await client.request(method, params);
    return printAnswer(invocation, answer, toWords(answer));
  });
}
