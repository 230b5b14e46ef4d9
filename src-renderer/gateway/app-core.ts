/**
 * Assembles the renderer's inside by hand: store, connection, actions, and what happens when the connection comes and
 * goes. No React in here. Must never be constructed twice in one page.
 */
import type { EventName, EventPayload } from "#main/protocol/events.ts";
import type { Message } from "#main/protocol/messages.ts";
import type { HealthSummary } from "#main/protocol/methods/system.ts";
import { isScope } from "#main/protocol/scopes.ts";
import { type ActingActions, createActingActions } from "./acting-actions.ts";
import { type ApprovalActions, createApprovalActions } from "./approval-actions.ts";
import { type ChannelActions, createChannelActions } from "./channel-actions.ts";
import { createChat, plainText, putOutgoing } from "./chat-model.ts";
import { type ChatActions, createChatActions } from "./chat-actions.ts";
import { type ConfigActions, createConfigActions } from "./config-actions.ts";
import { type Caller, type Connection, type ConnectionOptions, quietly } from "./connection.ts";
import type { Link } from "./link.ts";
import { createSessionActions, type SessionActions } from "./session-actions.ts";
import { type Preferences, readJson, readUnsent, type TextStore, writeJson, writeUnsent } from "./storage.ts";
import { announce, type ApprovalsTab, type AppStore, createAppStore, toggled, updateChat } from "./store.ts";

/** What the screens get: the data, and everything that can be done. */
export interface App {
  store: AppStore;
  chat: ChatActions;
  sessions: SessionActions;
  config: ConfigActions;
  approvals: ApprovalActions;
  acting: ActingActions;
  channels: ChannelActions;
  connection: Pick<Connection, "retryNow" | "login" | "loginWithBridge">;
  storage: TextStore;
  openSession(key: string, messageId?: string): void;
  openApprovals(tab?: ApprovalsTab): void;
  openChannels(): void;
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
    open(key: string) {
      const unsent = store.getState().chats[key] ? [] : readUnsent(storage, key);
      for (const item of unsent) updateChat(store, key, (known) => putOutgoing(known, item));
      return chat.open(key);
    },
  };
}

function toKey(createId: () => string): string {
  return `agent:main:chat-${createId().replaceAll("-", "").slice(0, 12)}`;
}

/** Where in the window a person can go. */
function createPlaces(
  { store, storage, chat, acting }: Pick<App, "store" | "storage" | "chat" | "acting">,
  createId: () => string,
): Pick<App, "openSession" | "openApprovals" | "openChannels" | "newChat"> {
  const beside = { isDrawerOpen: false, dialog: "none" } as const;
  return {
    openSession(key, messageId) {
      const focusMessage = messageId ? { sessionKey: key, messageId } : undefined;
      store.setState({ ...beside, activeKey: key, view: "chat", focusMessage });
      writeJson(storage, "open", { key });
      void chat.open(key);
      readActs(acting, key);
    },
    openApprovals: (tab) => store.setState({ ...beside, view: "approvals", ...(tab ? { approvalsTab: tab } : {}) }),
    openChannels: () => store.setState({ ...beside, view: "channels" }),
    newChat() {
      const key = toKey(createId);
      updateChat(store, key, () => createChat("new"));
      store.setState({ ...beside, activeKey: key, view: "chat", focusMessage: undefined });
      writeJson(storage, "open", undefined);
    },
  };
}

/** Opens the store and the connection. */
export function createApp(options: AppOptions): App {
  const { storage, now, createId } = options;
  const last = readJson<{ key: string }>(storage, "open")?.key;
  const store = createAppStore(options.preferences, last ?? toKey(createId));
  if (!last) updateChat(store, store.getState().activeKey, () => createChat("new"));

  const later: { connection?: Connection } = {};
  const call: Caller = (method, params, callOptions) => {
    if (!later.connection) return Promise.reject(new Error("not connected yet"));
    return later.connection.call(method, params, callOptions);
  };
  const sessions = createSessionActions(store, call);
  const config = createConfigActions(store, call);
  const approvals = createApprovalActions({ store, call, now });
  const acting = createActingActions(store, call);
  const channels = createChannelActions(store, call);
  const onFinished = (key: string, ending: { message?: Message | undefined; error?: string }) => {
    const isOpen = store.getState().activeKey === key && options.isFocused();
    if (!isOpen) store.setState((state) => ({ unread: toggled(state.unread, key, true) }));
    if (store.getState().activeKey === key) {
      if (ending.error) announce(store, ending.error, true);
      else if (ending.message) announce(store, plainText(ending.message).slice(0, MAX_SPOKEN));
    }
    void sessions.refresh();
    quietly(acting.refreshChanges(key));
  };
  const chat = keepUnsent(
    store,
    storage,
    createChatActions({ store, call, now, createId, onFinished, prepare: sessions.makeChosen }),
  );

  const hooks = createHooks({ store, chat, sessions, config, approvals, acting, channels }, call);
  later.connection = options.connect(hooks);

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
    approvals,
    acting,
    channels,
    storage,
    connection: later.connection,
    ...createPlaces({ store, storage, chat, acting }, createId),
    setPreferences(change) {
      const preferences = { ...store.getState().preferences, ...change };
      store.setState({ preferences });
      writeJson(storage, "preferences", preferences);
    },
    dispose: () => later.connection?.close(),
  };
}

/** Reads what a conversation changed, and whether it acts without asking. */
function readActs(acting: ActingActions, key: string): void {
  quietly(acting.refreshChanges(key));
  quietly(acting.refreshElevation(key));
}

type Rooms = Pick<App, "store" | "chat" | "approvals" | "acting" | "channels" | "sessions" | "config">;

function createHooks(rooms: Rooms, call: Caller): Pick<ConnectionOptions, "onLink" | "onEvent" | "onGap"> {
  const { store, chat, sessions, config, approvals, acting, channels } = rooms;

  const online = (link: Extract<Link, { phase: "online" }>) => {
    const { hello } = link;
    store.setState({
      wasOnline: true,
      scopes: new Set(hello.auth.scopes.filter(isScope)),
      methods: new Set(hello.features.methods),
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
      quietly(approvals.refresh());
      quietly(channels.refresh());
      const { activeKey, chats } = store.getState();
      if (!chats[activeKey]) void chat.open(activeKey);
      if (chats[activeKey]?.status !== "new") readActs(acting, activeKey);
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
      quietly(approvals.refresh());
      quietly(channels.refresh());
    },
    onEvent<N extends EventName>(event: N, payload: EventPayload<N>) {
      channels.receive(event, payload);
      if (event === "health") store.setState({ health: payload as unknown as HealthSummary });
      else if (event === "sessions.changed") quietly(sessions.refresh());
      else if (event === "config.changed") quietly(config.refreshModels());
      else if (event === "device.pair.requested" || event === "device.pair.resolved") quietly(config.refreshDevices());
      else {
        approvals.receive(event, payload);
        chat.receive(event, payload);
      }
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
