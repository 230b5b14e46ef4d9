/**
 * Assembles the renderer's inside by hand: store, connection, actions, and what happens when the connection comes and
 * goes. No React in here. Must never be constructed twice in one page.
 */
import type { EventName, EventPayload } from "#main/protocol/events.ts";
import type { Message } from "#main/protocol/messages.ts";
import type { HealthSummary } from "#main/protocol/methods/system.ts";
import { isScope } from "#main/protocol/scopes.ts";
import { putOutgoing } from "./chat-model.ts";
import { type ChatActions, createChatActions, createNewChat, plainText } from "./chat-actions.ts";
import { type ConfigActions, createConfigActions } from "./config-actions.ts";
import type { Caller, Connection, ConnectionOptions } from "./connection.ts";
import type { Link } from "./link.ts";
import { createSessionActions, type SessionActions } from "./session-actions.ts";
import { type Preferences, readJson, readUnsent, type TextStore, writeJson, writeUnsent } from "./storage.ts";
import { announce, type AppStore, createAppStore, toggled, updateChat } from "./store.ts";

/** What the screens get: the data, and everything that can be done. */
export interface App {
  store: AppStore;
  chat: ChatActions;
  sessions: SessionActions;
  config: ConfigActions;
  connection: Pick<Connection, "retryNow" | "login" | "loginWithBridge">;
  storage: TextStore;
  openSession(key: string, messageId?: string): void;
  newChat(): void;
  setPreferences(change: Partial<Preferences>): void;
  dispose(): void;
}

export interface AppOptions {
  connect(hooks: Pick<ConnectionOptions, "onLink" | "onEvent" | "onGap">): Connection;
  storage: TextStore;
  preferences: Preferences;
  now(): number;
  createId(): string;
  /** True while a person looks at the window. */
  isFocused(): boolean;
}

/** Characters of an answer that a screen reader is given at once; the rest is on the screen to be read at will. */
const MAX_SPOKEN = 1500;

/** Writes down what is on its way, and brings it back when its conversation is opened for the first time. */
function keepUnsent(store: AppStore, storage: TextStore, chat: ChatActions): ChatActions {
  store.subscribe((state, before) => {
    if (state.chats === before.chats) return;
    for (const [key, { outgoing }] of Object.entries(state.chats)) {
      if (outgoing !== (before.chats[key]?.outgoing ?? outgoing)) writeUnsent(storage, key, outgoing);
    }
  });
  return {
    ...chat,
    open(key) {
      const unsent = store.getState().chats[key] ? [] : readUnsent(storage, key);
      for (const item of unsent) updateChat(store, key, (known) => putOutgoing(known, item));
      return chat.open(key);
    },
  };
}

function toKey(createId: () => string): string {
  return `agent:main:chat-${createId().replaceAll("-", "").slice(0, 12)}`;
}

/** Opens the store and the connection. */
export function createApp(options: AppOptions): App {
  const { storage, now, createId } = options;
  const last = readJson<{ key: string }>(storage, "open")?.key;
  const store = createAppStore(options.preferences, last ?? toKey(createId));
  if (!last) updateChat(store, store.getState().activeKey, createNewChat);

  const later: { connection?: Connection } = {};
  const call: Caller = (method, params, callOptions) => {
    if (!later.connection) return Promise.reject(new Error("not connected yet"));
    return later.connection.call(method, params, callOptions);
  };
  const sessions = createSessionActions(store, call);
  const config = createConfigActions(store, call);
  const onFinished = (key: string, ending: { message?: Message | undefined; error?: string }) => {
    const isOpen = store.getState().activeKey === key && options.isFocused();
    if (!isOpen) store.setState((state) => ({ unread: toggled(state.unread, key, true) }));
    if (store.getState().activeKey === key) {
      if (ending.error) announce(store, ending.error, true);
      else if (ending.message) announce(store, plainText(ending.message).slice(0, MAX_SPOKEN));
    }
    void sessions.refresh();
  };
  const chat = keepUnsent(store, storage, createChatActions({ store, call, now, createId, onFinished }));

  const hooks = createHooks(store, { chat, sessions, config, call });
  later.connection = options.connect(hooks);

  const openSession: App["openSession"] = (key, messageId) => {
    store.setState({
      activeKey: key,
      isDrawerOpen: false,
      dialog: "none",
      focusMessage: messageId ? { sessionKey: key, messageId } : undefined,
    });
    writeJson(storage, "open", { key });
    void chat.open(key);
  };
  return {
    store,
    chat: {
      ...chat,
      send(key, text, attachments) {
        // From now on the conversation exists: a reload comes back to it.
        writeJson(storage, "open", { key });
        return chat.send(key, text, attachments);
      },
    },
    sessions,
    config,
    storage,
    connection: later.connection,
    openSession,
    newChat() {
      const key = toKey(createId);
      updateChat(store, key, createNewChat);
      store.setState({ activeKey: key, isDrawerOpen: false, dialog: "none", focusMessage: undefined });
      writeJson(storage, "open", undefined);
    },
    setPreferences(change) {
      const preferences = { ...store.getState().preferences, ...change };
      store.setState({ preferences });
      writeJson(storage, "preferences", preferences);
    },
    dispose: () => later.connection?.close(),
  };
}

interface Rooms {
  chat: ChatActions;
  sessions: SessionActions;
  config: ConfigActions;
  call: Caller;
}

function createHooks(store: AppStore, rooms: Rooms): Pick<ConnectionOptions, "onLink" | "onEvent" | "onGap"> {
  const { chat, sessions, config, call } = rooms;
  const quietly = (work: Promise<unknown>) => void work.catch(() => undefined);

  const online = (link: Extract<Link, { phase: "online" }>) => {
    const { hello } = link;
    store.setState({
      wasOnline: true,
      scopes: new Set(hello.auth.scopes.filter(isScope)),
      mainSessionKey: hello.snapshot.sessionDefaults.mainSessionKey,
      modelConfigured: hello.snapshot.sessionDefaults.modelConfigured,
      maxPayload: hello.policy.maxPayload,
      serverVersion: hello.server.version,
      health: hello.snapshot.health as HealthSummary | undefined,
    });
    // The socket is ready only once this hook has returned to the client.
    queueMicrotask(() => {
      chat.reloadAll();
      quietly(call("sessions.subscribe", {}));
      quietly(sessions.refresh());
      quietly(config.refreshModels());
      quietly(config.refreshDevices());
      const { activeKey, chats } = store.getState();
      if (!chats[activeKey]) void chat.open(activeKey);
    });
  };

  return {
    onLink(link) {
      store.setState({ link });
      if (link.phase === "online") online(link);
    },
    onGap() {
      chat.reloadAll();
      quietly(sessions.refresh());
    },
    onEvent<N extends EventName>(event: N, payload: EventPayload<N>) {
      if (event === "health") store.setState({ health: payload as unknown as HealthSummary });
      else if (event === "sessions.changed") quietly(sessions.refresh());
      else if (event === "config.changed") quietly(config.refreshModels());
      else if (event === "device.pair.requested" || event === "device.pair.resolved") quietly(config.refreshDevices());
      else chat.receive(event, payload);
    },
  };
}

/** Keeps the page's look equal to the preferences, and the system's when it changes. The result ends it. */
export function applyLook(
  store: AppStore,
  onLook: (look: { isDark: boolean; preferences: Preferences }) => void,
): () => void {
  const media = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    const { preferences } = store.getState();
    const isDark = preferences.theme === "dark" || (preferences.theme === "system" && media.matches);
    onLook({ isDark, preferences });
  };
  apply();
  media.addEventListener("change", apply);
  const stop = store.subscribe((state, before) => {
    if (state.preferences !== before.preferences) apply();
  });
  return () => {
    media.removeEventListener("change", apply);
    stop();
  };
}
