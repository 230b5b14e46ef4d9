/**
 * Shows in the chat that an answer is being written: the platform's typing mark, and for long answers the text so far in
 * a message that is changed as it grows. Best effort: nothing here is waited for, and nothing of it is the answer.
 */
import type { Clock } from "#main/base/clock.ts";
import type { Disposable } from "#main/base/disposable.ts";
import { rulesOf } from "#main/channels/settings.ts";
import type { ChannelSupervisor } from "#main/channels/supervisor.ts";
import type { Config } from "#main/config/schema.ts";
import type { LiveRun } from "#main/sessions/live-run.ts";
import type { TurnEvent } from "#main/sessions/turn.ts";
import type { OutboxRecord } from "#main/store/channels/outbox.ts";
import { toRow } from "./notices.ts";
import type { Outbox } from "./outbox.ts";

export interface ProgressDeps {
  clock: Clock;
  config(): Config;
  channels: Pick<ChannelSupervisor, "find">;
  outbox: Pick<Outbox, "add" | "amend" | "onChange">;
}

/** Platforms take the mark away after five to ten seconds. */
const TYPING_EVERY_MS = 4000;
/** An answer that comes at once needs no mark, and not the call that sets it. */
const TYPING_AFTER_MS = 250;
/** A short answer comes whole. */
const DRAFT_AFTER_MS = 2000;
/** Platforms limit how often a message may be changed. */
const DRAFT_EVERY_MS = 1500;
const MIN_DRAFT_CHARS = 40;

const NOTHING: Disposable = { dispose: () => {} };

interface Shown {
  run: LiveRun;
  typing: Disposable;
  draftTimer: Disposable | undefined;
  /** The message that shows the text so far. */
  draft: OutboxRecord | undefined;
  /** Messages of the assistant begun so far: each has a draft of its own. */
  round: number;
  told: string;
}

export class Progress implements Disposable {
  readonly #deps: ProgressDeps;
  readonly #shown = new Map<string, Shown>();
  readonly #watch: Disposable;

  constructor(deps: ProgressDeps) {
    this.#deps = deps;
    this.#watch = deps.outbox.onChange((row) => this.#onSent(row));
  }

  take(event: TurnEvent): void {
    const { run } = event;
    if (!run.options.origin) return;
    if (event.type === "started") this.#begin(run);
    if (event.type === "ended") this.#end(run.runId);
    if (event.type !== "loop") return;
    const shown = this.#shown.get(run.runId);
    if (!shown) return;
    if (event.event.type === "text") this.#watchText(shown);
    if (event.event.type === "message" && event.event.message.role === "assistant") this.#nextRound(shown);
  }

  async dispose(): Promise<void> {
    await this.#watch.dispose();
    for (const runId of [...this.#shown.keys()]) this.#end(runId);
  }

  #connectionOf({ options: { origin } }: LiveRun) {
    const live = origin && this.#deps.channels.find(origin);
    return live?.connection ? { connection: live.connection, can: live.plug.capabilities } : undefined;
  }

  #begin(run: LiveRun): void {
    const type = () => {
      const live = this.#connectionOf(run);
      const { origin } = run.options;
      if (origin && live?.can.typing === true) live.connection.typing?.(origin.chat).catch(() => {});
    };
    const { clock } = this.#deps;
    const shown: Shown = { run, typing: NOTHING, draftTimer: undefined, draft: undefined, round: 0, told: "" };
    this.#shown.set(run.runId, shown);
    shown.typing = clock.after(TYPING_AFTER_MS, () => {
      shown.typing = clock.every(TYPING_EVERY_MS, type);
      type();
    });
  }

  #end(runId: string): void {
    const shown = this.#shown.get(runId);
    this.#shown.delete(runId);
    void shown?.typing.dispose();
    void shown?.draftTimer?.dispose();
  }

  #nextRound(shown: Shown): void {
    void shown.draftTimer?.dispose();
    Object.assign(shown, { draftTimer: undefined, draft: undefined, round: shown.round + 1, told: "" });
  }

  #watchText(shown: Shown): void {
    if (shown.draftTimer) return;
    const { origin } = shown.run.options;
    const live = this.#connectionOf(shown.run);
    if (!origin || live?.can.edits !== true) return;
    if (rulesOf(this.#deps.config(), origin.channel, origin.account).streaming === false) return;
    shown.draftTimer = this.#deps.clock.after(DRAFT_AFTER_MS, () => this.#showText(shown));
  }

  /** Sends the text so far as a message, then changes that message. */
  #showText(shown: Shown): void {
    const { run, round } = shown;
    const { origin } = run.options;
    const live = this.#connectionOf(run);
    const plug = origin && this.#deps.channels.find(origin)?.plug;
    if (!origin || !live || !plug || this.#shown.get(run.runId) !== shown) return;
    // Ever more slowly: some platforms let a message be changed about ten times.
    const pause = Math.max(DRAFT_EVERY_MS, (this.#deps.clock.now() - run.startedAtMs) / 3);
    shown.draftTimer = this.#deps.clock.after(pause, () => this.#showText(shown));
    const [text = ""] = plug.split(run.text);
    if (text.length < MIN_DRAFT_CHARS || text === shown.told) return;
    const isFirst = shown.told === "";
    shown.told = text;
    if (isFirst) {
      const { channel, account, chat, replyTo } = origin;
      const base = { address: { channel, account, chat }, text: `${text} …`, dedupe: `draft:${run.runId}:${round}` };
      const row = toRow({ ...base, kind: "draft", runId: run.runId, replyTo }, this.#deps.clock.now());
      this.#deps.outbox.add([row]).catch(() => {});
    } else if (shown.draft) this.#deps.outbox.amend(shown.draft, `${text} …`).catch(() => {});
  }

  #onSent(row: OutboxRecord): void {
    if (row.kind !== "draft" || row.state !== "sent" || row.run_id === null || row.platform_ids === null) return;
    const shown = this.#shown.get(row.run_id);
    if (shown && row.dedupe === `draft:${row.run_id}:${shown.round}`) {
      shown.draft = row;
    }
  }
}
