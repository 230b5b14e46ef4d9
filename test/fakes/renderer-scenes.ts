/** Conversations to look at: what the screenshots of the window show. Data only, no behaviour of a gateway. */
import type { Message } from "#main/protocol/messages.ts";
import type { RendererGateway } from "./renderer-gateway.ts";

const HOUR = 3_600_000;

function user(id: string, text: string, timestamp: number): Message {
  return { id, role: "user", content: [{ type: "text", text }], timestamp, runId: `run-${id}` };
}

function assistant(
  id: string,
  question: string,
  text: string,
  timestamp: number,
  change: Partial<Message> = {},
): Message {
  return {
    id,
    role: "assistant",
    content: [{ type: "text", text }],
    timestamp,
    runId: `run-${question}`,
    model: "anthropic/claude-sonnet-4-5",
    usage: { input: 1840, output: 412 },
    stopReason: "stop",
    ...change,
  };
}

const RICH = `Here is the plan for the migration, in three steps.

## What changes

| Step | Table | Rows | Downtime |
| --- | --- | ---: | --- |
| 1 | \`sessions\` | 12,480 | none |
| 2 | \`messages\` | 1,204,332 | about 40 s |
| 3 | \`usage\` | 88,019 | none |

Run it inside **one transaction**, and keep the old table until the counts agree:

\`\`\`typescript
export async function migrate(db: Database): Promise<number> {
  // Copies in slices, so that readers are never blocked for long.
  let moved = 0;
  for await (const slice of db.slices("messages", 5_000)) {
    moved += await db.insert("messages_v2", slice.map(toRow));
  }
  return moved;
}
\`\`\`

- [x] Backup taken at 03:00
- [ ] Counts compared
- [ ] Old table dropped

> A restore from the backup took 2 minutes 10 in the last drill.

More in the [SQLite documentation](https://www.sqlite.org/lang_transaction.html).`;

const CJK = `もちろんです。東京の今日の天気は**晴れ**で、最高気温は18度の予想です。

1. 朝は冷え込みます（7度前後）。
2. 午後は北西の風がやや強くなります。
3. 夜は晴れて、星がよく見えるでしょう。

中文也可以：今天适合出门散步，记得带一件薄外套。`;

/** A conversation with tools, thinking, a table, code, Japanese and Chinese. */
export function fillRich(gateway: RendererGateway, now: number): void {
  const at = (minutes: number) => now - minutes * 60_000;
  gateway.addChat(
    "rich",
    "Plan the database migration",
    [
      user("u1", "How should I migrate the messages table without downtime? The schema is in my workspace.", at(14)),
      assistant("a1", "u1", "I will look at the schema first.", at(13), {
        content: [
          { type: "thinking", thinking: "The person wants no downtime. I need the schema, then the row counts." },
          { type: "text", text: "I will look at the schema first." },
          { type: "toolCall", id: "t1", name: "read", arguments: { path: "schema/messages.sql" } },
          { type: "toolCall", id: "t2", name: "read", arguments: { path: "schema/sessions.sql" } },
          { type: "toolCall", id: "t3", name: "time", arguments: { timezone: "Europe/Berlin" } },
        ],
        stopReason: "toolUse",
      }),
      toolResult("r1", "u1", "t1", "read", "CREATE TABLE messages (id TEXT PRIMARY KEY, …);", at(13)),
      toolResult("r2", "u1", "t2", "read", "CREATE TABLE sessions (key TEXT PRIMARY KEY, …);", at(13)),
      toolResult("r3", "u1", "t3", "time", "Friday, 20 November 2026, 08:12", at(13)),
      assistant("a2", "u1", RICH, at(12)),
      user("u2", "ありがとう！ところで、東京の今日の天気は？", at(6)),
      assistant("a3", "u2", CJK, at(5)),
      user("u3", "And what does the log say about the last run?", at(2)),
      assistant("a4", "u3", "", at(2), {
        content: [{ type: "toolCall", id: "t4", name: "read", arguments: { path: "logs/migrate.log" } }],
        stopReason: "toolUse",
      }),
      { ...toolResult("r4", "u3", "t4", "read", "No such file: logs/migrate.log", at(2)), isError: true },
      assistant(
        "a5",
        "u3",
        "There is no log yet: the file `logs/migrate.log` does not exist. It is written by the first run.",
        at(1),
      ),
    ],
    { totalTokens: 18_240, pinned: true },
  );
}

function toolResult(
  id: string,
  question: string,
  toolCallId: string,
  toolName: string,
  text: string,
  timestamp: number,
): Message {
  return {
    id,
    role: "toolResult",
    content: [{ type: "text", text }],
    timestamp,
    runId: `run-${question}`,
    toolCallId,
    toolName,
  };
}

/** Two turns that failed, one that was cut. */
export function fillErrors(gateway: RendererGateway, now: number): void {
  gateway.addChat("errors", "When the service is busy", [
    user("e1", "Write a long story about a lighthouse.", now - 9 * 60_000),
    assistant(
      "e2",
      "e1",
      "The lighthouse had stood on the cliff for two hundred years, and every evening at",
      now - 8 * 60_000,
      {
        incomplete: true,
        stopReason: "aborted",
      },
    ),
    user("e3", "Go on, please.", now - 4 * 60_000),
    assistant("e4", "e3", "The keeper climbed the", now - 3 * 60_000, {
      incomplete: true,
      stopReason: "error",
      errorMessage: "anthropic answered 529 (overloaded) three times within 40 s.",
    }),
  ]);
}

/** A list that looks lived in. */
export function fillList(gateway: RendererGateway, now: number): void {
  const rows: [string, number][] = [
    ["Birthday dinner for eight", 2],
    ["Why is the build slow on Windows?", 5],
    ["Summarise the council meeting", 26],
    ["Vocabulary for the trip to Lisbon", 30],
    ["Refactor the parser, step two", 75],
    ["Letter to the landlord about the heating", 100],
    ["Regular expressions, explained slowly", 120],
    ["引っ越しのチェックリスト", 220],
    ["Savings plan until 2030", 460],
    ["Garden: what grows in shade", 900],
  ];
  rows.forEach(([title, hours], at) => {
    const when = now - hours * HOUR;
    gateway.addChat(`list-${at}`, title, [
      user(`l${at}`, title, when),
      assistant(`m${at}`, `l${at}`, "Of course.", when),
    ]);
  });
}

/** A conversation of `count` messages. */
export function fillLong(gateway: RendererGateway, count: number, now: number): void {
  const messages: Message[] = [];
  for (let at = 0; at < count; at += 2) {
    const when = now - (count - at) * 60_000;
    messages.push(user(`q${at}`, `Question number ${at}`, when));
    const body =
      at % 6 === 0
        ? `Answer ${at}\n\n\`\`\`python\nprint(${at})\n\`\`\``
        : `Answer ${at}. ${"A sentence of some length. ".repeat((at % 7) + 1)}`;
    messages.push(assistant(`w${at}`, `q${at}`, body, when));
  }
  gateway.addChat("long", "A very long conversation", messages);
}

/** Models, services, devices, usage and logs for the settings. */
export function fillSettings(gateway: RendererGateway, now: number): void {
  const model = (provider: string, id: string, name: string, change: object = {}) => ({
    id,
    name,
    provider,
    ref: `${provider}/${id}`,
    available: true,
    isDefault: false,
    ...change,
  });
  gateway.answer("models.list", () => ({
    models: [
      model("anthropic", "claude-sonnet-4-5", "Claude Sonnet 4.5", { isDefault: true }),
      model("anthropic", "claude-haiku-4-5", "Claude Haiku 4.5"),
      model("ollama", "qwen3:8b", "qwen3:8b"),
      model("openai", "gpt-5", "GPT-5", { available: false, unavailableReason: "The key is missing" }),
      model("demo", "demo", "Demo"),
    ],
  }));
  gateway.answer("models.authStatus", () => ({
    ts: now,
    providers: [
      { provider: "anthropic", kind: "anthropic", label: "Anthropic", status: "ready", keySource: "keychain" },
      { provider: "openai", kind: "openai", label: "OpenAI", status: "missing-key" },
      { provider: "demo", kind: "demo", label: "Demo", status: "ready" },
    ],
    offers: [
      {
        id: "env-openai",
        provider: "openai",
        kind: "openai",
        label: "OpenAI",
        source: "environment",
        detail: "OPENAI_API_KEY",
      },
      {
        id: "ollama",
        provider: "ollama",
        kind: "openai",
        label: "Ollama",
        source: "local-server",
        detail: "http://localhost:11434, 3 models",
      },
    ],
    secrets: { backend: "keychain", canStore: true },
  }));
  gateway.answer("models.probe", ({ provider }) => ({
    provider,
    status: "auth",
    models: [],
    error: "401: invalid x-api-key",
  }));
  const totals = (tokens: number, cost: number) => ({
    requests: Math.round(tokens / 2200),
    input: Math.round(tokens * 0.8),
    output: Math.round(tokens * 0.2),
    cacheRead: 0,
    cacheWrite: 0,
    totalTokens: tokens,
    totalCost: cost,
    missingCostEntries: 0,
  });
  gateway.answer("usage.cost", ({ days = 30 }) => ({
    updatedAt: now,
    days,
    daily: Array.from({ length: days }, (_, at) => ({
      date: new Date(now - at * 86_400_000).toISOString().slice(0, 10),
      totals: totals(at % 7 === 5 ? 0 : 4000 + ((at * 7919) % 23_000), 0.1),
    })),
    byModel: [
      { model: "anthropic/claude-sonnet-4-5", totals: totals(284_000, 3.12) },
      { model: "ollama/qwen3:8b", totals: totals(92_000, 0) },
    ],
    totals: totals(376_000, 3.12),
  }));
  gateway.answer("device.pair.list", () => ({
    pending: [
      {
        requestId: "req_7f31c09a",
        deviceId: "d2",
        displayName: "Pixel 9",
        platform: "android",
        remoteAddress: "192.168.1.24",
        role: "operator",
        scopes: ["operator.read", "operator.write", "operator.talk"],
        reason: "not-paired",
        isRepair: false,
        ts: now,
        expiresAtMs: now + 300_000,
      },
    ],
    paired: [
      {
        deviceId: "d1",
        displayName: "Gatehouse window",
        platform: "linux",
        roles: ["operator"],
        scopes: ["operator.admin", "operator.read"],
        tokens: [],
        createdAtMs: now,
        approvedAtMs: now,
        lastSeenAtMs: now,
        connected: true,
      },
    ],
  }));
  gateway.answer("logs.tail", () => ({
    file: "~/.gatehouse/logs/gatehouse.log",
    cursor: 3,
    size: 300,
    lines: Array.from(
      { length: 40 },
      (_, at) =>
        `2026-11-20T08:${String(at).padStart(2, "0")}:03.114Z info gateway turn ended run=run_${at} ms=${at * 13}`,
    ),
  }));
}
