/** Chat platforms: what leaves for them, and what comes from them. Part of the assembly. */
import { join } from "node:path";
import type { Desk } from "#main/approvals/desk.ts";
import type { Elevations } from "#main/approvals/elevations.ts";
import type { AuditLog } from "#main/audit/log.ts";
import type { DisposableStore } from "#main/base/disposable.ts";
import { messageOf } from "#main/base/errors.ts";
import { createCommandRunner } from "#main/base/run-command.ts";
import { CHANNELS } from "#main/channels/index.ts";
import { ChannelSupervisor } from "#main/channels/supervisor.ts";
import { rulesOf } from "#main/channels/settings.ts";
import * as paths from "#main/config/paths.ts";
import { ChatPeople } from "#main/identity/chat-people.ts";
import type { Message } from "#main/protocol/messages.ts";
import type { Arrival } from "#main/routing/arrival.ts";
import { Arrivals } from "#main/routing/arrivals.ts";
import { createAnnotator } from "#main/routing/annotate.ts";
import { createBegin } from "#main/routing/begin.ts";
import { ByHand } from "#main/routing/outgoing/by-hand.ts";
import { createCommandAnswers, type AnswerCommand } from "#main/routing/commands.ts";
import { createContentLoader } from "#main/routing/content.ts";
import { toRole } from "#main/routing/gate.ts";
import { Intake } from "#main/routing/intake.ts";
import { createNotices } from "#main/routing/outgoing/notices.ts";
import { Outbox } from "#main/routing/outgoing/outbox.ts";
import { Progress } from "#main/routing/outgoing/progress.ts";
import { Questions } from "#main/routing/outgoing/questions.ts";
import { createReplies, type Replies } from "#main/routing/outgoing/replies.ts";
import { toSession } from "#main/routing/route.ts";
import { createSpoken } from "#main/routing/spoken.ts";
import type { LiveRun } from "#main/sessions/live-run.ts";
import type { Turns, TurnEvent } from "#main/sessions/turn.ts";
import { dropInbox } from "#main/store/channels/inbox.ts";
import type { Emitter } from "#main/base/emitter.ts";
import type { ComposeOptions, Ground } from "./ground.ts";

/** What leaves: made before turns, whose answers it takes. */
export interface Outward {
  channels: ChannelSupervisor;
  outbox: Outbox;
  replies: Replies;
  people: ChatPeople;
  /** Messages for a run that is being answered; the rooms behind it are made later. */
  steer(run: LiveRun): Promise<readonly Message[]>;
  say: ByHand["say"];
  doors: Doors;
}

/** What comes in leads to turns, and turns lead out: the way in is opened last. */
interface Doors {
  arrivals?: Arrivals;
  questions?: Questions;
  byHand?: ByHand;
  steer?: (run: LiveRun) => Promise<readonly Message[]>;
  clear?: (sessionKey: string, reason: string) => void;
}

export async function createOutward(options: ComposeOptions, ground: Ground, store: DisposableStore): Promise<Outward> {
  const { clock, log, config, secrets, database, http } = ground;
  const { db } = database;
  const flush = () => database.flush();
  const doors: Doors = {};
  const notYet = () => new Error("the gateway is not ready for messages yet");
  const people = store.add(
    new ChatPeople({ db, clock, codeSeconds: () => config.current.channels.pairingCodeSeconds }),
  );
  await people.load();
  const channels = new ChannelSupervisor({
    ...{ channels: CHANNELS, db, config, secrets, clock, log, flush, random: Math.random },
    ...{ fetch: globalThis.fetch, call: http.call },
    platform: process.platform,
    commands: store.add(createCommandRunner({ clock, log })),
    dataDir: join(options.stateDir, "channels"),
    receive: (at, event) => doors.arrivals?.receive(at, event) ?? Promise.reject(notYet()),
    press: (at, press) => doors.questions?.press(at, press) ?? Promise.reject(notYet()),
  });
  const outbox = new Outbox({ db, clock, log, flush, channels, random: Math.random });
  store.add(outbox);
  // Disposed first: nothing comes in any more, what is being sent still has its connection until then.
  store.add(channels);
  const replies = createReplies({ clock, channels, outbox });
  return {
    ...{ channels, outbox, replies, people, doors },
    steer: async (run) => (await doors.steer?.(run)) ?? [],
    say: (...said) => doors.byHand?.say(...said) ?? Promise.reject(notYet()),
  };
}

interface InwardParts {
  outward: Outward;
  acting: {
    turns: Turns;
    desk: Desk;
    audit: AuditLog;
    elevations: Elevations;
    /** Approvals that a crash ended. */
    cutQuestions: readonly { id: string }[];
  };
  events: Emitter<TurnEvent>;
  defaultModel(): string;
  onCommitted(sessionKey: string, message: Message, created: boolean): void;
  onReset(sessionKey: string): void;
}

/** What comes in. @returns what the gateway needs, and `open`, which lets messages in */
export function createInward(
  options: ComposeOptions,
  ground: Ground,
  parts: InwardParts,
  store: DisposableStore,
): { byHand: ByHand; answerCommand: AnswerCommand; arrivals: Arrivals; open(): Promise<void> } {
  const { clock, log, config, database } = ground;
  const { db } = database;
  const { outward, acting, events, onCommitted } = parts;
  const { channels, outbox, people, doors } = outward;
  const { turns, desk, audit, elevations } = acting;
  const current = () => config.current;
  const mediaDir = (name: string) => join(paths.mediaDir(options.stateDir), name);
  const split = (channel: string, text: string) => channels.plug(channel)?.split(text) ?? [text];
  const notices = createNotices({ clock, split, add: (rows) => outbox.add(rows) });
  const loadContent = createContentLoader({ clock, channels, mediaDir: mediaDir("inbound") });
  const drop = (seqs: readonly number[], reason: string) => dropInbox(db, seqs, reason);
  const standing = (arrival: Arrival) => doors.arrivals?.standing(arrival);
  const { begin, steer } = createBegin({
    ...{ db, clock, turns, loadContent, onCommitted, standing, drop },
    config: current,
  });
  const { defaultModel, onReset } = parts;
  const answerCommand = createCommandAnswers({
    ...{ db, clock, turns, desk, elevations, audit, defaultModel, onReset },
    clear: (sessionKey, reason) => doors.clear?.(sessionKey, reason),
  });
  const commands = createSpoken({ db, answer: answerCommand, notices, drop });
  const seen = ({ message, ...at }: Arrival) => {
    channels
      .find(at)
      ?.connection?.react?.(message.chat, message.platformId, "\u{1F440}")
      .catch(() => {});
  };
  const intake = store.add(new Intake({ clock, log, turns, notices, commands, begin, drop, seen, config: current }));
  const arrivals = new Arrivals({
    ...{ db, clock, log, people, notices, config: current },
    flush: () => database.flush(),
    take: (arrival) => intake.take(arrival),
    annotate: createAnnotations(ground, onCommitted),
    noteTraffic: (at) => channels.noteTraffic(at, "lastInboundAtMs"),
  });
  const questions = createQuestions(ground, parts);
  const progress = store.add(new Progress({ clock, channels, outbox, config: current }));
  const failed = (error: unknown) => log.error("a question could not be put into a chat", { error: messageOf(error) });
  store.add(desk.onEvent((event) => void questions.take(event).catch(failed)));
  store.add(
    events.on((event) => {
      progress.take(event);
      if (event.type === "ended") intake.ended(event.run.sessionKey);
    }),
  );
  const byHand = new ByHand({ db, clock, outbox, channels, onCommitted, mediaDir: mediaDir("outbound") });
  Object.assign(doors, {
    arrivals,
    questions,
    byHand,
    async steer(run: LiveRun) {
      const batch = intake.takeSteering(run);
      return steer(run, batch).catch((error: unknown) => {
        intake.putBack(run.sessionKey, batch);
        log.error("messages could not be read into a run", { error: messageOf(error) });
        return [];
      });
    },
    clear: (sessionKey: string, reason: string) => intake.forget(sessionKey, reason),
  });
  return {
    ...{ byHand, answerCommand, arrivals },
    async open() {
      // Questions that the last process left open have no answer any more: their buttons go.
      for (const { id } of parts.acting.cutQuestions) {
        const found = await desk.get(id);
        if (found) await questions.take({ type: "resolved", approval: found.approval }).catch(failed);
      }
      await arrivals.recover();
      channels.start();
    },
  };
}

/** Edits, deletions and reactions, as notes in the conversation they belong to. */
function createAnnotations({ database, clock, config }: Ground, onCommitted: InwardParts["onCommitted"]) {
  return createAnnotator({
    ...{ db: database.db, clock, onCommitted },
    sessionOf({ channel, account }, { chat, sender }) {
      if (!sender) return undefined;
      const rules = rulesOf(config.current, channel, account);
      return toSession({ channel, account, message: { chat, sender }, rules, config: config.current }).key;
    },
  });
}

/** Approvals that are asked and answered in chats. */
function createQuestions({ database, clock, config }: Ground, { outward, acting }: InwardParts): Questions {
  const { outbox, channels, people } = outward;
  const { desk, audit, turns } = acting;
  return new Questions({
    ...{ db: database.db, clock, desk, audit, turns, outbox, channels },
    roleOf: (at, senderId) =>
      toRole({
        message: { sender: { id: senderId } },
        rules: rulesOf(config.current, at.channel, at.account),
        role: people.roleOf({ ...at, senderId }),
      }),
    chatsOf: (channel, account) => people.chatsOf(channel, account),
  });
}
