/**
 * Anthropic's Claude models, over the official SDK. Must never retry and never load the SDK before the first call.
 */
import type { Anthropic } from "@anthropic-ai/sdk";
import type { Stream } from "@anthropic-ai/sdk/core/streaming.js";
import type { RawMessageStreamEvent } from "@anthropic-ai/sdk/resources/messages/messages.js";
import type { Disposable } from "#main/base/disposable.ts";
import {
  defineProvider,
  type ModelInfo,
  type ModelRequest,
  type ProviderContext,
  type ProviderEvent,
} from "../contract.ts";
import { createClient } from "./client.ts";
import { createEventReader } from "./events.ts";
import { toProviderError } from "./failure.ts";
import { CLAUDE_MODELS, knownModel } from "./models.ts";
import { toParams } from "./request.ts";

/** How long a connection may stay open once the answer is over. */
const LINGER_MS = 1000;

export const anthropic = defineProvider({
  kind: "anthropic",
  label: "Anthropic",
  needsKey: "always",
  knownModels: CLAUDE_MODELS,
  create: (context) => ({
    stream: (request, signal) => streamMessages(context, request, signal),
    models: (signal) => listModels(context, signal),
  }),
});

async function* streamMessages(
  context: ProviderContext,
  request: ModelRequest,
  signal: AbortSignal,
): AsyncGenerator<ProviderEvent> {
  try {
    signal.throwIfAborted();
    const client = await createClient(context);
    // Not `messages.create`, which writes to the console about models that will be retired.
    const stream = await client.post<Stream<RawMessageStreamEvent>>("/v1/messages", {
      body: toParams(request, context.id),
      stream: true,
      signal,
    });
    const read = createEventReader();
    let leave: Disposable | undefined;
    try {
      for await (const event of stream) {
        if (leave) continue;
        const told = read(event);
        // Read to the end of the stream, so that the connection can be used again, but not for long.
        if (event.type === "message_stop") leave = context.clock.after(LINGER_MS, () => stream.controller.abort());
        yield* told;
      }
    } finally {
      void leave?.dispose();
    }
    if (leave) return;
    // The SDK ends quietly when it was aborted.
    signal.throwIfAborted();
  } catch (thrown) {
    throw signal.aborted ? signal.reason : toProviderError(thrown, context);
  }
}

async function listModels(context: ProviderContext, signal: AbortSignal): Promise<ModelInfo[]> {
  try {
    signal.throwIfAborted();
    const client = await createClient(context);
    const models: ModelInfo[] = [];
    for await (const model of client.models.list({ limit: 1000 }, { signal })) models.push(toModelInfo(model));
    return models;
  } catch (thrown) {
    throw signal.aborted ? signal.reason : toProviderError(thrown, context);
  }
}

function toModelInfo(model: Anthropic.ModelInfo): ModelInfo {
  const known = knownModel(model.id);
  const thinking = model.capabilities?.thinking.supported;
  return {
    ...known,
    id: model.id,
    name: model.display_name,
    ...(model.max_input_tokens ? { contextWindow: model.max_input_tokens } : {}),
    ...(model.max_tokens ? { maxOutput: model.max_tokens } : {}),
    ...(thinking === undefined ? {} : { reasoning: thinking }),
  };
}
