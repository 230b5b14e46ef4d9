/**
 * The fake OpenAI service as a program of its own, for the bench: `node test/fakes/openai-server.ts --standalone`
 * prints `{"url": …}` and answers until it is stopped.
 */
import { startFakeOpenAI } from "./openai.ts";

if (process.argv.includes("--standalone")) {
  const at = process.argv.indexOf("--port");
  const server = await startFakeOpenAI(at === -1 ? 0 : Number(process.argv[at + 1]));
  process.stdout.write(`${JSON.stringify({ url: server.url, baseUrl: `${server.url}/v1` })}\n`);
  process.once("SIGTERM", () => void server.close());
  process.once("SIGINT", () => void server.close());
}
