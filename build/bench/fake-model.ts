/**
 * A model service in a process of its own that answers at once, and writes into the answer when it was asked and when it
 * wrote: microseconds of the machine's monotonic clock, the same for all processes. For the bench only.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** Microseconds of the monotonic clock. */
function nowUs(): number {
  return Number(process.hrtime.bigint() / 1000n);
}

function toChunk(delta: Record<string, unknown>, finish: string | null = null): string {
  const choices = [{ index: 0, delta, logprobs: null, finish_reason: finish }];
  const body = { id: "c", object: "chat.completion.chunk", created: 1, model: "test", choices };
  return `data: ${JSON.stringify(body)}\n\n`;
}

const usage = { prompt_tokens: 12, completion_tokens: 6, total_tokens: 18 };
const USAGE = `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", created: 1, model: "test", choices: [], usage })}\n\n`;

async function answer(request: IncomingMessage, response: ServerResponse, facts: { lastBytes: number }): Promise<void> {
  const askedUs = nowUs();
  let bytes = 0;
  for await (const piece of request) bytes += (piece as Buffer).length;
  if (request.url === "/last") return void response.end(JSON.stringify(facts));
  if (request.method === "GET") {
    response.setHeader("content-type", "application/json");
    return void response.end(JSON.stringify({ object: "list", data: [{ id: "test", object: "model" }] }));
  }
  facts.lastBytes = bytes;
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.write(
    toChunk({ role: "assistant", content: "" }) + toChunk({ content: `asked=${askedUs} wrote=${nowUs()} ` }),
  );
  for (const word of ["four ", "more ", "short ", "words "]) response.write(toChunk({ content: word }));
  response.end(`${toChunk({ content: `ended=${nowUs()}` })}${toChunk({}, "stop")}${USAGE}data: [DONE]\n\n`);
}

if (import.meta.main) {
  const facts = { lastBytes: 0 };
  const server = createServer((request, response) => void answer(request, response, facts));
  server.keepAliveTimeout = 60_000;
  server.listen(0, "127.0.0.1", () => {
    const { port } = server.address() as AddressInfo;
    process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${port}` })}\n`);
  });
  process.once("disconnect", () => process.exit(0));
}
