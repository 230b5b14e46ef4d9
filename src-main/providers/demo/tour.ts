/**
 * What the demo says: plain intents and prepared words. Pure. Must never pretend to be a model: every answer says what
 * it is.
 */
import type { Message } from "#main/protocol/messages.ts";
import { textOf } from "#main/protocol/text-of.ts";
import type { ModelRequest } from "../contract.ts";

/** What the demo does next. */
export type DemoStep = { type: "say"; text: string } | { type: "call"; name: string; args: Record<string, unknown> };

/** Stands at the end of each answer. */
export const LABEL = "This is the built-in demo: no AI model is connected.";

const TOUR = `I can show you around. Try one of these:

- "What time is it?" runs a real tool.
- "Show my workspace" and "read notes.txt" look into your workspace folder.
- "Write a note" asks for your approval first, as everything does that changes a file.
- "Stream something long" shows how an answer arrives.
- "How do I connect a model?" tells how to replace me.`;

/** The note that the demo writes: made up beforehand, so that the owner allows exactly this. */
const NOTE = {
  path: "notes/hello.md",
  content: "# Hello\n\nThe Gatehouse demo wrote this note, and only because you allowed it.\n",
};

/** "Write a note" and "show me an approval", in the languages of the window. */
const WANTS_NOTE: readonly RegExp[] = [
  /\b(write|make|create|save|take|leave)\b.{0,30}\bnotes?\b/i,
  /\b(show|demo|try|need|ask)\b.{0,30}\bapprovals?\b/i,
  /(^|\P{L})(schreib|erstell|mach|speicher)\p{L}*(\P{L}.{0,30}\P{L})notiz/iu,
  /(^|\P{L})(zeig|prob)\p{L}*(\P{L}.{0,30}\P{L})(freigabe|genehmigung)/iu,
  /(写|记|建).{0,6}(笔记|便条|备忘)|(看|演示|展示|试).{0,8}(审批|批准)/u,
  /(メモ|ノート).{0,6}(書|作|残)|(承認).{0,8}(見せ|試|デモ)/u,
];

const GREETINGS: readonly { pattern: RegExp; hello: string }[] = [
  {
    pattern: /(^|\P{L})(hallo|guten (morgen|tag|abend)|servus|moin)(\P{L}|$)/iu,
    hello: "Hallo! Schön, dass du da bist.",
  },
  { pattern: /你好|您好|早上好|晚上好/u, hello: "你好！很高兴见到你。" },
  { pattern: /こんにちは|こんばんは|おはよう|はじめまして/u, hello: "こんにちは！ようこそ。" },
  { pattern: /(^|\P{L})(hello|hi|hey|good (morning|afternoon|evening))(\P{L}|$)/iu, hello: "Hello, and welcome!" },
];

const CONNECT = `Open **Settings → Models** and choose one:

1. **Anthropic** or **OpenAI**: paste a key. It is kept with your system's secrets.
2. **Ollama, LM Studio, llama.cpp or vLLM**: enter the address, such as \`http://localhost:11434/v1\`. No key is needed.

Then pick a model as the standard one. The next message goes to it.`;

/** The next step for a conversation. */
export function planStep(request: ModelRequest): DemoStep {
  const last = request.messages.at(-1);
  if (last?.role === "toolResult") return say(tellResult(last));
  return planAnswer(last ? textOf(last).trim() : "", new Set(request.tools.map((tool) => tool.name)));
}

function planAnswer(text: string, tools: ReadonlySet<string>): DemoStep {
  if (/\b(connect|add|set ?up|choose|use)\b.*\b(model|key|provider|claude|gpt|openai|ollama)\b/i.test(text))
    return say(CONNECT);
  if (/\bwhat('s| is)? (the )?(time|date)\b|\bwhat (time|date|day) is it\b|\bwie spät\b|几点|何時/iu.test(text)) {
    return call(tools, "time", {});
  }
  if (WANTS_NOTE.some((pattern) => pattern.test(text)) && !/\blong\b/i.test(text)) return call(tools, "write", NOTE);
  if (/\b(show|list|open)\b.*\bworkspace\b/i.test(text)) return call(tools, "read", { path: "." });
  const file = /\bread\s+(?:the\s+)?(?:file\s+)?["'`]?([^\s"'`?!]+)["'`]?/i.exec(text)?.[1];
  if (file !== undefined) return call(tools, "read", { path: file.replace(/[.,;:]+$/, "") || "." });
  if (/\b(stream|write|say)\b.*\blong\b|\blong (text|story|answer)\b/i.test(text)) return say(longText());
  const greeting = GREETINGS.find(({ pattern }) => pattern.test(text));
  if (greeting) return say(`${greeting.hello}\n\n${TOUR}`);
  if (/\bhelp\b|\btour\b|^\/?start$|hilfe|帮助|ヘルプ/iu.test(text) || text === "") return say(TOUR);
  return say(`I have no prepared answer to that.\n\n${TOUR}`);
}

function say(text: string): DemoStep {
  return { type: "say", text: `${text}\n\n*${LABEL}*` };
}

function call(tools: ReadonlySet<string>, name: string, args: Record<string, unknown>): DemoStep {
  if (tools.has(name)) return { type: "call", name, args };
  return say(`I would use the tool \`${name}\` for that, but it is switched off here.`);
}

/** What the gate tells a model when a call did not run, and what a newcomer should make of it. */
const REFUSALS: readonly { pattern: RegExp; words: string }[] = [
  { pattern: /^The owner said no/, words: "You said no, so nothing was done. That is all it takes." },
  {
    pattern: /^Nobody answered/,
    words: "The question went unanswered, and no answer means no: nothing was done. Ask me again whenever you like.",
  },
  {
    pattern: /could not be shown/,
    words: "The question could not be shown to you, and what you cannot see is not done. Nothing was changed.",
  },
  { pattern: /is not allowed:/, words: "Your settings forbid that without a question, so nothing was done:" },
];

function tellRefusal(name: string, text: string): string | undefined {
  const found = REFUSALS.find(({ pattern }) => pattern.test(text));
  if (!found) return undefined;
  return found.words.endsWith(":") ? `${found.words} ${text}` : `${found.words} (It was a call of \`${name}\`.)`;
}

/** Text from outside comes between marks meant for a model; a person is shown what is between them. */
function withoutMarks(text: string): string {
  return /^<<<UNTRUSTED [^\n]*\n[^\n]*\n([\s\S]*)\n<<<END UNTRUSTED [^\n]*$/u.exec(text)?.[1] ?? text;
}

function tellResult(result: Message): string {
  const text = withoutMarks(textOf(result)).trim();
  const name = result.toolName ?? "tool";
  const refusal = result.isError === true ? tellRefusal(name, text) : undefined;
  if (refusal !== undefined) return refusal;
  if (name === "write" && result.isError !== true) {
    return `You allowed it, and the tool \`write\` did it: ${text}.\n\nThe note is in your workspace, and \`gatehouse undo --last\` takes it back.`;
  }
  if (name === "time" && result.isError !== true) return `The tool \`time\` says: ${text}`;
  const begin = result.isError ? `The tool \`${name}\` could not do that:` : `The tool \`${name}\` answered:`;
  return `${begin}\n\n\`\`\`\n${text.slice(0, 4000)}\n\`\`\``;
}

function longText(): string {
  const sentences = [
    "An answer does not arrive all at once.",
    "It comes word by word, and each word is shown as soon as it is here.",
    "You can stop it at any time, and what has arrived stays.",
    "You can scroll up while it runs, and it will not pull you back.",
    "Other conversations go on in the meantime.",
  ];
  return Array.from({ length: 12 }, (_, part) => `**Part ${part + 1}.** ${sentences.join(" ")}`).join("\n\n");
}
