/**
 * A fake model that answers each message with its own words, so that one can tell which answer belongs to which. Messages
 * of the form `… tool …` make it call the slow tool first. It remembers what it was told of calls that a crash cut.
 */
import { writeFileSync, truncateSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { chunk, DONE, modelList, toolAnswer, usageChunk } from "../../test/fakes/openai.ts";
import { startScriptedServer, type RecordedRequest, type Script, type Step } from "../../test/fakes/scripted-http.ts";

const INTERRUPTED = "outcome unknown: interrupted";
/** Read from its second line, this file keeps the tool busy for a good part of a second. */
export const SLOW_FILE = "slow.txt";

export interface EchoModel {
  baseUrl: string;
  /** Calls made, by message: how often the model was asked anew for one. */
  asked: ReadonlyMap<string, number>;
  /** Messages for which the model read that a call was cut. */
  told: ReadonlySet<string>;
  close(): Promise<void>;
}

interface ChatMessage {
  role: string;
  content: unknown;
}

/** @param random how long an answer takes: up to `slowestMs` */
export async function startEchoModel(random: () => number, slowestMs: number): Promise<EchoModel> {
  const asked = new Map<string, number>();
  const told = new Set<string>();
  const server = await startScriptedServer((request: RecordedRequest): Script => {
    if (request.path.endsWith("/models")) return modelList(["test"]);
    const messages = (request.body as { messages: ChatMessage[] }).messages;
    const question = toText(messages.findLast((message) => message.role === "user")?.content);
    asked.set(question, (asked.get(question) ?? 0) + 1);
    const after = messages.slice(messages.findLastIndex((message) => message.role === "user") + 1);
    if (after.some((message) => toText(message.content).includes(INTERRUPTED))) told.add(question);
    const needsTool = question.includes(" tool ") && !after.some((message) => message.role === "tool");
    if (needsTool) {
      const args = JSON.stringify({ path: SLOW_FILE, offset: 2, limit: 1 });
      return toolAnswer([{ id: `call_${question.replaceAll(" ", "_")}`, name: "read", args }], 100);
    }
    return toEcho(question, random() * slowestMs);
  });
  return { baseUrl: `${server.url}/v1`, asked, told, close: () => server.close() };
}

export function toAnswer(question: string): string {
  return `The answer to "${question}" is here, whole.`;
}

function toEcho(question: string, ms: number): Script {
  const words = toAnswer(question).match(/\S+\s*/g) ?? [];
  const steps: Step[] = [chunk({ role: "assistant", content: "" })];
  for (const word of words) {
    steps.push(chunk({ content: word }));
    steps.push(lazyGate(ms / words.length));
  }
  return { steps: [...steps, chunk({}, "stop"), usageChunk(10, words.length), DONE] };
}

/** A pause that begins when the step is reached, not when the script is made. */
function lazyGate(ms: number): Step {
  return {
    get gate() {
      return wait(ms);
    },
  };
}

function toText(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content.map((part: { text?: string }) => part.text ?? "").join("");
}

/** A text file whose second line is far away: 8 KB of letters, then a hole. */
export function writeSlowFile(path: string, bytes = 200 * 1024 * 1024): void {
  writeFileSync(path, "a".repeat(16_384));
  truncateSync(path, bytes);
}
