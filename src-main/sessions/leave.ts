/** What leaves for a platform is written together with what happened: the shape between turns and the outbox. Types only. */
import type { Message } from "#main/protocol/messages.ts";
import type { Database } from "#main/store/database.ts";
import type { LiveRun } from "./live-run.ts";
import type { RunResult } from "./run-result.ts";

/** What is written together with a message or an end of a run; what it returns is called after the commit. */
export interface Leave {
  onMessage(trx: Database, run: RunRef, message: Message): Promise<(() => void) | undefined>;
  onEnd(trx: Database, run: RunRef, result: Pick<RunResult, "status" | "error">): Promise<(() => void) | undefined>;
}

export type RunRef = Pick<LiveRun, "runId" | "sessionKey" | "sessionId" | "options">;
