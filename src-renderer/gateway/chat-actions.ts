/**
 * What a person does in a conversation, carried out through the gateway, and the events that come back. Every send has
 * one idempotency key for all its tries. Must never show a message as sent that the gateway has not committed.
 */
import type { EventName, EventPayload } from "#main/protocol/events.ts";
import type { Message } from "#main/protocol/messages.ts";
import { applyInput, playHeld, type Step } from "./chat-events.ts";
import {
  applyHistory,
  applyOlder,
  type Attachment,
  type Chat,
  type ChatInput,
  commitOutgoing,
  dropOutgoing,
  markOutgoing,
  type Outgoing,
  plainText,
  putOutgoing,
  rewindTo,
  toBase64,
} from "./chat-model.ts";
import type { Caller } from "./connection.ts";
import { type AppStore, chatOf, toggled, updateChat } from "./store.ts";

export interface ActionTools {
  store: AppStore;
  call: Caller;
  now(): number;
  createId(): string;
  /** Done before each message goes out: what was chosen for a conversation that does not exist yet. */
  prepare(sessionKey: string): Promise<void>;
  /** A complete answer or a failure, for screen readers and the unread dot. */
  onFinished(sessionKey: string, ending: { message?: Message | undefined; error?: string }): void;
}

export type ChatActions = ReturnType<typeof createChatActions>;

export const PAGE = 100;

/** The message of anything thrown, for a person. */
export function wordsOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** The attachments of a committed message, to send them again. */
export function toAttachments(message: Message): Attachment[] {
  return message.content.flatMap((block): Attachment[] => {
    if (block.type === "image") {
      return [
        { mimeType: block.mimeType, content: block.data, ...(block.fileName ? { fileName: block.fileName } : {}) },
      ];
    }
    if (block.type !== "file") return [];
    const content = toBase64(new TextEncoder().encode(block.text));
    return [{ mimeType: block.mimeType, fileName: block.fileName, content }];
  });
}

type Reader = ReturnType<typeof createReader>;

/** Reads conversations and takes in their events. */
function createReader({ store, call, now }: ActionTools) {
  const followed = new Set<string>();

  /** Asks to be told of messages of this conversation, once per connection. */
  const follow = async (key: string) => {
    if (followed.has(key)) return;
    await call("sessions.messages.subscribe", { key });
    followed.add(key);
  };

  /** Takes one step in a conversation. @returns true if its transcript is to be read again */
  const step = (key: string, change: (chat: Chat) => Step): boolean => {
    let refresh = false;
    updateChat(store, key, (chat) => {
      const next = change(chat);
      refresh = next.refresh;
      return next.chat;
    });
    return refresh;
  };

  const load = async (key: string): Promise<void> => {
    const before = chatOf(store.getState(), key);
    if (before.held) return;
    const status = before.messages.length > 0 ? before.status : "loading";
    updateChat(store, key, (chat) => ({ ...chat, status, held: [] }));
    try {
      await follow(key);
      const history = await call("chat.history", { sessionKey: key, limit: PAGE });
      const refresh = step(key, (chat) => playHeld(applyHistory(chat, history), now()));
      const isRunning = chatOf(store.getState(), key).run !== undefined;
      store.setState((state) => ({ running: toggled(state.running, key, isRunning) }));
      if (refresh) await load(key);
    } catch (error) {
      updateChat(store, key, (chat) => {
        const rest = playHeld(chat, now()).chat;
        return rest.messages.length > 0
          ? { ...rest, status: "stale" }
          : { ...rest, status: "error", error: wordsOf(error) };
      });
    }
  };

  return {
    load,
    follow,
    forgetFollowed: () => followed.clear(),
    async loadOlder(key: string) {
      const chat = chatOf(store.getState(), key);
      const before = chat.messages[0]?.id;
      if (!chat.hasMore || chat.isLoadingOlder || before === undefined) return;
      updateChat(store, key, (known) => ({ ...known, isLoadingOlder: true }));
      const done = (known: Chat): Chat => ({ ...known, isLoadingOlder: false });
      try {
        const history = await call("chat.history", { sessionKey: key, limit: PAGE, before });
        updateChat(store, key, (known) =>
          known.messages[0]?.id === before ? applyOlder(known, history) : done(known),
        );
      } catch {
        updateChat(store, key, done);
      }
    },
    take(key: string, input: ChatInput) {
      // A conversation that was never opened has nothing to change; its history will tell.
      if (!store.getState().chats[key]) return;
      if (step(key, (chat) => applyInput(chat, input, now()))) void load(key);
    },
  };
}

/** Sends what is outgoing under `id`; a failure leaves it there with the reason. */
async function deliver({ store, call, prepare }: ActionTools, reader: Reader, key: string, id: string): Promise<void> {
  const item = chatOf(store.getState(), key).outgoing.find((other) => other.key === id);
  if (!item) return;
  updateChat(store, key, (chat) => markOutgoing(chat, id, { state: "sending" }));
  if (!item.isByHand) store.setState((state) => ({ ownRuns: toggled(state.ownRuns, id, true) }));
  try {
    await prepare(key);
    await reader.follow(key);
    const { text: message, attachments } = item;
    if (item.isByHand) {
      const { messageId } = await call("sessions.say", { key, text: message, idempotencyKey: id });
      updateChat(store, key, (chat) => dropOutgoing(chat, id));
      // Its event comes on its own way; without it the transcript tells.
      if (!chatOf(store.getState(), key).messages.some((known) => known.id === messageId)) await reader.load(key);
      return;
    }
    const result = await call("chat.send", {
      sessionKey: key,
      message,
      idempotencyKey: id,
      ...(attachments.length > 0 ? { attachments: [...attachments] } : {}),
    });
    updateChat(store, key, (chat) => settleSent(chat, id, result.messageId));
  } catch (error) {
    updateChat(store, key, (chat) => markOutgoing(chat, id, { state: "failed", error: wordsOf(error) }));
  }
}

export function createChatActions(tools: ActionTools) {
  const { store, call, now } = tools;
  const reader = createReader(tools);
  const put = async (key: string, item: Pick<Outgoing, "text" | "attachments" | "isByHand">) => {
    const id = tools.createId();
    updateChat(store, key, (chat) => putOutgoing(chat, { ...item, key: id, createdAt: now(), state: "sending" }));
    await deliver(tools, reader, key, id);
  };
  const send = (key: string, text: string, attachments: readonly Attachment[]) => put(key, { text, attachments });

  return {
    /** Loads a conversation and follows it. */
    async open(key: string) {
      store.setState((state) => ({ unread: toggled(state.unread, key, false) }));
      const chat = store.getState().chats[key];
      if (chat?.status !== "new" && chat?.status !== "ready") await reader.load(key);
    },
    loadOlder: reader.loadOlder,
    send,
    /** Writes to the person on the other side of a channel, as the owner. */
    say: (key: string, text: string) => put(key, { text, attachments: [], isByHand: true }),
    /** Tries an unsent message again, with its key. */
    resend: (key: string, id: string) => deliver(tools, reader, key, id),
    discard: (key: string, id: string) => updateChat(store, key, (chat) => dropOutgoing(chat, id)),
    stop: (key: string) => call("chat.abort", { sessionKey: key }),
    /** Takes the user message `entryId` and all after it back and sends `text` (or the same) again. */
    async sendAgain(key: string, entryId: string, text?: string) {
      const message = chatOf(store.getState(), key).messages.find((other) => other.id === entryId);
      if (!message) return;
      await call("sessions.rewind", { sessionKey: key, entryId });
      updateChat(store, key, (chat) => rewindTo(chat, entryId));
      await send(key, text ?? plainText(message), toAttachments(message));
    },
    receive: <N extends EventName>(event: N, payload: EventPayload<N>) => receive(tools, reader, event, payload),
    /** After a reconnect or a gap: what is open is loaded again, the rest when it is looked at. */
    reloadAll() {
      reader.forgetFollowed();
      const { activeKey, chats } = store.getState();
      const next: Record<string, Chat> = {};
      for (const [key, chat] of Object.entries(chats)) {
        const { held: _, ...rest } = chat;
        next[key] = rest.status === "new" ? rest : { ...rest, status: rest.messages.length > 0 ? "stale" : "loading" };
      }
      store.setState({ chats: next, running: new Set() });
      if (next[activeKey] && next[activeKey].status !== "new") void reader.load(activeKey);
    },
  };
}

function receive<N extends EventName>(tools: ActionTools, reader: Reader, event: N, payload: EventPayload<N>): void {
  const { store } = tools;
  const setRunning = (key: string, isRunning: boolean) =>
    store.setState((state) => ({ running: toggled(state.running, key, isRunning) }));
  if (event === "session.message") {
    const { sessionKey, message } = payload as EventPayload<"session.message">;
    reader.take(sessionKey, { type: "message", message });
  } else if (event === "agent") {
    const agent = payload as EventPayload<"agent">;
    const isOver = agent.stream === "lifecycle" && (agent.data.phase === "end" || agent.data.phase === "error");
    if (!isOver) setRunning(agent.sessionKey, true);
    reader.take(agent.sessionKey, { type: "agent", event: agent });
  } else if (event === "chat") {
    const chat = payload as EventPayload<"chat">;
    setRunning(chat.sessionKey, chat.state === "delta");
    reader.take(chat.sessionKey, { type: "chat", event: chat });
    if (chat.state === "error") tools.onFinished(chat.sessionKey, { error: chat.errorMessage });
    else if (chat.state !== "delta") tools.onFinished(chat.sessionKey, { message: chat.message });
  }
}

function settleSent(chat: Chat, id: string, messageId: string | undefined): Chat {
  const isBehindAnother = chat.run !== undefined && chat.run.runId !== id;
  const queued =
    isBehindAnother && !chat.queued.includes(id) && !chat.finished.includes(id) ? [...chat.queued, id] : chat.queued;
  const next = { ...chat, queued };
  return messageId ? commitOutgoing(next, id, messageId) : markOutgoing(next, id, { state: "sent" });
}
