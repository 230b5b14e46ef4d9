/**
 * Fills a state directory with a long past: many sessions with many messages, written by the gateway's own code, so that
 * the file is what a gateway would have made of it. For measuring starts; never run on anybody's own directory.
 */
import { existsSync, mkdirSync } from "node:fs";
import { createSystemClock } from "#main/base/clock.ts";
import { silentLogger } from "#main/base/logger.ts";
import { backupsDir, dbPath } from "#main/config/paths.ts";
import type { Message } from "#main/protocol/messages.ts";
import { openDatabase } from "#main/store/database.ts";
import { insertMessage } from "#main/store/messages.ts";
import { insertUsage } from "#main/store/usage.ts";
import { countMessage, ensureSession } from "#main/store/sessions.ts";

const PER_SESSION = 200;
const WORDS =
  "the house stands at the gate and asks who comes in while the evening light falls on 東京 and 北京 too".split(" ");

/** @param count messages in all, half of them answers @returns bytes of the database */
export async function writeManyMessages(stateDir: string, count: number): Promise<number> {
  if (existsSync(dbPath(stateDir))) throw new Error(`${stateDir} holds a database already`);
  mkdirSync(backupsDir(stateDir), { recursive: true, mode: 0o700 });
  const clock = createSystemClock();
  const place = { path: dbPath(stateDir), backupsDir: backupsDir(stateDir) };
  const opened = await openDatabase({ ...place, clock, log: silentLogger, wasUnclean: false });
  const begin = clock.now() - count * 60_000;
  for (let from = 0; from < count; from += PER_SESSION) {
    const key = `agent:main:past-${from / PER_SESSION}`;
    await opened.db.transaction().execute(async (trx) => {
      const wanted = { key, agentId: "main", kind: "direct", channel: "webchat" } as const;
      const { session } = await ensureSession(trx, wanted, begin);
      for (let n = from; n < Math.min(count, from + PER_SESSION); n++) {
        const now = begin + n * 60_000;
        const message = toMessage(n, now);
        await insertMessage(trx, { sessionKey: key, sessionId: session.session_id }, message);
        await countMessage(trx, key, { now, preview: "…", title: `Talk ${n}`, tokens: 40 });
        if (message.usage) {
          const entry = { at: now, sessionKey: key, runId: message.runId ?? "", model: "fake/test" };
          await insertUsage(trx, { ...entry, usage: message.usage });
        }
      }
    });
  }
  await opened.close();
  return opened.size();
}

function toMessage(number: number, timestamp: number): Message {
  const isAnswer = number % 2 === 1;
  const length = isAnswer ? 60 : 15;
  const text = Array.from({ length }, (_, at) => WORDS[(number * 7 + at * 3) % WORDS.length]).join(" ");
  const base = { id: `msg_past_${number}`, timestamp, runId: `run_past_${number >> 1}` };
  if (!isAnswer) return { ...base, role: "user", content: [{ type: "text", text }] };
  const answer = { model: "fake/test", stopReason: "stop", usage: { input: 30, output: 10 } } as const;
  return { ...base, role: "assistant", content: [{ type: "text", text }], ...answer };
}
