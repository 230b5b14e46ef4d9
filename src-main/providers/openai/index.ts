/**
 * Any service with `/v1/chat/completions`: OpenAI, Ollama, llama.cpp, vLLM, LM Studio and many more. A small client of
 * our own over the given fetch. Must never retry, and never send the key anywhere but to the configured address.
 */
import { defineProvider, ProviderError, type ModelInfo, type ProviderContext } from "../contract.ts";
import { recordOf } from "./chunks.ts";
import { getJson, streamChat } from "./client.ts";
import { OPENAI_MODELS } from "./models.ts";

export const openai = defineProvider({
  kind: "openai",
  label: "OpenAI or compatible",
  needsKey: "own-address",
  knownModels: OPENAI_MODELS,
  create(context) {
    /** Fields a server refused, by model: asked once, then left out, so that a turn stays one request. */
    const without = new Map<string, Set<string>>();
    return {
      stream: (request, signal) => streamChat(context, request, without, signal),
      models: (signal) => listModels(context, signal),
    };
  },
});

async function listModels(context: ProviderContext, signal: AbortSignal): Promise<ModelInfo[]> {
  const body = await getJson(context, "/models", signal).catch((thrown: unknown) => {
    throw signal.aborted ? signal.reason : thrown;
  });
  const record = recordOf(body);
  // Ollama and LM Studio say `data` as OpenAI does; a few older servers send the bare list or `models`.
  const list: unknown = Array.isArray(body) ? body : (record?.["data"] ?? record?.["models"]);
  if (!Array.isArray(list)) {
    throw new ProviderError("format", `${context.id} sent no list of models. Check that its address ends in /v1.`);
  }
  return list.flatMap((entry) => toModelInfo(recordOf(entry)));
}

function toModelInfo(entry: Record<string, unknown> | undefined): ModelInfo[] {
  const id = entry?.["id"] ?? entry?.["name"];
  if (typeof id !== "string" || id === "") return [];
  const known = OPENAI_MODELS.find((model) => model.id === id);
  // vLLM says max_model_len, LM Studio and others context_length.
  const length = entry?.["max_model_len"] ?? entry?.["context_length"] ?? entry?.["max_context_length"];
  const contextWindow = typeof length === "number" && length > 0 ? length : known?.contextWindow;
  return [{ ...known, id, name: known?.name ?? id, ...(contextWindow === undefined ? {} : { contextWindow }) }];
}
