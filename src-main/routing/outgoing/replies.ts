/**
 * What of a run leaves for the platform where it was asked: each text of the assistant and, when it failed, why. Written
 * in the same transaction as the message or the end of the run, so that no crash loses an answer or sends one twice.
 * Bound to the run's own origin: nothing a model writes chooses where it goes.
 */
import type { Clock } from "#main/base/clock.ts";
import type { ChannelSupervisor } from "#main/channels/supervisor.ts";
import type { Message } from "#main/protocol/messages.ts";
import { textOf } from "#main/protocol/text-of.ts";
import type { RunOptions } from "#main/sessions/live-run.ts";
import type { RunResult } from "#main/sessions/run-result.ts";
import { insertOutbox } from "#main/store/channels/outbox.ts";
import type { Database } from "#main/store/database.ts";
import { toRow, type Leaving } from "./notices.ts";
import type { Outbox } from "./outbox.ts";
import { DRAFT } from "./outbox-item.ts";

export interface ReplyRun {
  runId: string;
  sessionKey: string;
  options: RunOptions;
}

/** Called inside the transaction; what it returns is called after the commit. */
export type AfterCommit = (() => void) | undefined;

export interface Replies {
  onMessage(trx: Database, run: ReplyRun, message: Message): Promise<AfterCommit>;
  onEnd(trx: Database, run: ReplyRun, result: Pick<RunResult, "status" | "error">): Promise<AfterCommit>;
}

export function createReplies(deps: {
  clock: Clock;
  channels: Pick<ChannelSupervisor, "plug">;
  outbox: Pick<Outbox, "isFree" | "wake">;
}): Replies {
  const leave = async (trx: Database, rows: readonly Leaving[]): Promise<AfterCommit> => {
    const added = await insertOutbox(
      trx,
      rows.map((row, index) => ({
        ...toRow(row, deps.clock.now()),
        isBegun: index === 0 && deps.outbox.isFree(row.address),
      })),
    );
    return () => deps.outbox.wake(added);
  };
  return {
    async onMessage(trx, { runId, sessionKey, options: { origin } }, message) {
      if (!origin || message.role !== "assistant" || message.incomplete === true) return undefined;
      const text = textOf(message);
      const plug = deps.channels.plug(origin.channel);
      if (!plug || text.trim() === "") return undefined;
      const { channel, account, chat, replyTo } = origin;
      const rows = plug.split(text).map((part, index): Leaving => ({
        ...{ address: { channel, account, chat }, text: part, dedupe: `${message.id}:${index}` },
        ...{ kind: "reply", sessionKey, runId },
        ...(index === 0 ? { replyTo, ...(plug.capabilities.edits ? { edits: DRAFT } : {}) } : {}),
      }));
      return leave(trx, rows);
    },
    async onEnd(trx, { runId, sessionKey, options: { origin, requester } }, { status, error }) {
      if (!origin || status !== "error") return undefined;
      const { channel, account, chat } = origin;
      // What went wrong inside is the owner's business.
      const why =
        requester.isOwner && error !== undefined ? error : "Something went wrong here. Please try again later.";
      const text = `I could not answer. ${why}`;
      const [part = text] = deps.channels.plug(channel)?.split(text) ?? [];
      return leave(trx, [
        { address: { channel, account, chat }, text: part, dedupe: `end:${runId}`, kind: "notice", sessionKey, runId },
      ]);
    },
  };
}
