/**
 * Questions to the owner, in chats: sent where the owner reads, answered by a press or a code, taken away everywhere once
 * one answer counts. A press of anybody else does nothing and is recorded. It decides nothing: the desk does.
 */
import type { Desk, DeskEvent } from "#main/approvals/desk.ts";
import type { AuditLog } from "#main/audit/log.ts";
import type { Clock } from "#main/base/clock.ts";
import { AppError } from "#main/base/errors.ts";
import type { ButtonPress, ChatRef } from "#main/channels/contract.ts";
import type { AccountName, ChannelSupervisor } from "#main/channels/supervisor.ts";
import type { PersonRole } from "#main/protocol/methods/channels.ts";
import type { Approval } from "#main/protocol/methods/approvals.ts";
import type { Turns } from "#main/sessions/turn.ts";
import { findQuestions } from "#main/store/channels/outbox.ts";
import type { Database } from "#main/store/database.ts";
import { toRow } from "./notices.ts";
import type { Outbox } from "./outbox.ts";
import { fromButton, toButtons, toOutcome, toShown } from "./question-text.ts";
import type { ChatAddress } from "../route.ts";

export interface QuestionDeps {
  db: Database;
  clock: Clock;
  desk: Desk;
  audit: Pick<AuditLog, "append">;
  turns: Turns;
  outbox: Outbox;
  channels: Pick<ChannelSupervisor, "plug" | "find">;
  /** The sender's standing, from the configuration and the owner's decisions. */
  roleOf(at: AccountName, senderId: string): PersonRole | undefined;
  chatsOf(channel: string, account: string): { senderId: string; chat: string }[];
}

export class Questions {
  readonly #deps: QuestionDeps;

  constructor(deps: QuestionDeps) {
    this.#deps = deps;
  }

  async take(event: DeskEvent): Promise<void> {
    if (event.type === "requested") await this.#ask(event.approval);
    else await this.#close(event.approval);
  }

  /** Somebody pressed. @returns words for them alone */
  async press(at: AccountName, { data, sender }: ButtonPress): Promise<{ text?: string }> {
    const { desk, audit, roleOf } = this.#deps;
    const answer = fromButton(data);
    if (!answer) return {};
    const { id, decision } = answer;
    const actor = `${at.channel}:${sender.id}`;
    if (roleOf(at, sender.id) !== "owner") {
      const message = `${decision} was pressed by somebody who may not answer`;
      await audit.append({ type: "approval.late", level: "warning", actor, correlationId: id, message });
      return { text: "Only my owner may answer this." };
    }
    try {
      await desk.resolve(id, decision, { id: actor, mayApprove: true });
      return { text: decision === "deny" ? "Denied." : "Allowed." };
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      const message = `${decision} came too late: ${error.message}`;
      await audit.append({ type: "approval.late", level: "warning", actor, correlationId: id, message });
      return { text: `Too late: ${error.message}.` };
    }
  }

  /** Where the owner reads about this run: their direct chats there, else the chat itself if it is theirs. */
  #places(run: ReturnType<Turns["ofSession"]>[number]): ChatAddress[] {
    const { origin, requester } = run.options;
    if (!origin) return [];
    const { channel, account, chat } = origin;
    if (requester.isOwner && chat.kind === "direct") return [{ channel, account, chat }];
    const chats = this.#deps.chatsOf(channel, account);
    const own = chats.filter(({ senderId }) => this.#deps.roleOf({ channel, account }, senderId) === "owner");
    return own.map((one) => ({ channel, account, chat: JSON.parse(one.chat) as ChatRef }));
  }

  async #ask(approval: Approval): Promise<void> {
    const { turns, outbox, channels, clock } = this.#deps;
    const run = turns.ofSession(approval.request.sessionKey).find(({ phase }) => phase === "running");
    if (!run) return;
    for (const address of this.#places(run)) {
      const plug = channels.plug(address.channel);
      if (!plug) continue;
      const { text, isWhole } = toShown(approval, plug);
      const hasButtons = isWhole && plug.capabilities.buttons;
      const row = {
        ...{ address, text, kind: "question" as const, runId: approval.id },
        dedupe: `question:${approval.id}:${address.chat.id}`,
        sessionKey: approval.request.sessionKey,
        ...(hasButtons ? { buttons: toButtons(approval) } : {}),
      };
      await outbox.add([toRow(row, clock.now())]);
    }
  }

  /** The answer takes the buttons away, wherever they are. */
  async #close(approval: Approval): Promise<void> {
    const { db, outbox, clock, channels } = this.#deps;
    for (const row of await findQuestions(db, approval.id)) {
      if (row.state === "queued") await outbox.cancel(row.id).catch(() => {});
      const [platformId] = row.platform_ids === null ? [] : (JSON.parse(row.platform_ids) as string[]);
      const canEdit = channels.plug(row.channel)?.capabilities.edits === true;
      if (platformId === undefined || !canEdit) continue;
      const { channel, account } = row;
      const address = { channel, account, chat: JSON.parse(row.chat) as ChatRef };
      const text = `${approval.request.summary}\n\n**${toOutcome(approval)}**`;
      const dedupe = `closed:${row.dedupe}`;
      await outbox.add([toRow({ address, text, kind: "notice", dedupe, edits: platformId }, clock.now())]);
    }
  }
}
