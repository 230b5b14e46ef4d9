/**
 * Everything the screens show, in one zustand store of seven slices. It holds data and the plainest ways to change it;
 * what talks to the gateway is in the `…-actions` files. Must never hold a credential.
 */
import type { ConfigSnapshot, ModelRow } from "#main/protocol/methods/config.ts";
import type { ChangeRow } from "#main/protocol/methods/changes.ts";
import type { HealthSummary } from "#main/protocol/methods/system.ts";
import type { MethodResult } from "#main/protocol/methods/index.ts";
import type { SessionRow } from "#main/protocol/methods/sessions.ts";
import { mayUse, type Scope } from "#main/protocol/scopes.ts";
import { createStore, type StoreApi } from "zustand/vanilla";
import type { Question } from "./approval-model.ts";
import { type Channels, NO_CHANNELS } from "./channel-model.ts";
import { type Chat, type Enclosure, UNKNOWN_CHAT } from "./chat-model.ts";
import type { Link } from "./link.ts";
import type { Preferences } from "./storage.ts";

interface ConnectionSlice {
  link: Link;
  /** True once the window has been connected: then a lost connection is a banner and not a screen. */
  wasOnline: boolean;
  scopes: ReadonlySet<Scope>;
  /** What this gateway offers. */
  methods: ReadonlySet<string>;
  maxPayload: number;
  serverVersion: string;
  health: HealthSummary | undefined;
}

interface SessionsSlice {
  sessions: readonly SessionRow[];
  sessionsStatus: "loading" | "ready" | "error";
  sessionsError: string;
  hasMoreSessions: boolean;
  running: ReadonlySet<string>;
  unread: ReadonlySet<string>;
  /** The open conversation. */
  activeKey: string;
  /** Models chosen for conversations that do not exist yet. */
  chosenModels: Readonly<Record<string, string>>;
}

interface ChatSlice {
  chats: Readonly<Record<string, Chat>>;
  /** What waits to be sent, by conversation. Too large for the storage: it lives as long as the page. */
  enclosures: Readonly<Record<string, readonly Enclosure[]>>;
  /** Read out by screen readers: an answer that is complete, an error. */
  announcement: { text: string; isUrgent: boolean; count: number };
}

interface ActingSlice {
  /** Waiting ones, and those answered while this page was open. Oldest first. */
  questions: readonly Question[];
  /** Ids of questions whose last line was in view. */
  readToEnd: ReadonlySet<string>;
  /** This clock minus the gateway's, in milliseconds. */
  skewMs: number;
  /** Ids of runs that a person started in this window. */
  ownRuns: ReadonlySet<string>;
  /** Changed files by conversation. */
  changes: Readonly<Record<string, readonly ChangeRow[]>>;
  /** Conversations that act without asking. */
  elevated: ReadonlySet<string>;
}

interface ChannelsSlice {
  /** Chat platforms. */
  channels: Channels;
}

interface ConfigSlice {
  models: readonly ModelRow[];
  auth: MethodResult<"models.authStatus"> | undefined;
  config: ConfigSnapshot | undefined;
  devices: MethodResult<"device.pair.list"> | undefined;
}

export type SettingsPage = "models" | "appearance" | "devices" | "usage" | "audit" | "logs" | "about";
export type ApprovalsTab = "pending" | "history" | "grants" | "rules";

interface ViewSlice {
  preferences: Preferences;
  dialog: "none" | "settings" | "palette" | "shortcuts" | "close";
  settingsPage: SettingsPage;
  /** What stands beside the list. */
  view: "chat" | "approvals" | "channels";
  approvalsTab: ApprovalsTab;
  isDrawerOpen: boolean;
  isSearching: boolean;
  /** A message to bring into view, from a search result. */
  focusMessage: { sessionKey: string; messageId: string } | undefined;
}

export type AppState = ConnectionSlice &
  SessionsSlice &
  ChatSlice &
  ActingSlice &
  ChannelsSlice &
  ConfigSlice &
  ViewSlice;
export type AppStore = StoreApi<AppState>;

/** The store before the first connection. */
export function createAppStore(preferences: Preferences, activeKey: string): AppStore {
  return createStore<AppState>(() => ({
    link: { phase: "connecting" },
    wasOnline: false,
    scopes: new Set<Scope>(),
    methods: new Set<string>(),
    maxPayload: 524_288,
    serverVersion: "",
    health: undefined,
    sessions: [],
    sessionsStatus: "loading",
    sessionsError: "",
    hasMoreSessions: false,
    running: new Set<string>(),
    unread: new Set<string>(),
    activeKey,
    chosenModels: {},
    chats: {},
    enclosures: {},
    questions: [],
    readToEnd: new Set<string>(),
    skewMs: 0,
    ownRuns: new Set<string>(),
    changes: {},
    elevated: new Set<string>(),
    announcement: { text: "", isUrgent: false, count: 0 },
    channels: NO_CHANNELS,
    models: [],
    auth: undefined,
    config: undefined,
    devices: undefined,
    preferences,
    dialog: "none",
    settingsPage: "models",
    view: "chat",
    approvalsTab: "pending",
    isDrawerOpen: false,
    isSearching: false,
    focusMessage: undefined,
  }));
}

/** The conversation of a key; an empty one when nothing is known of it. */
export function chatOf(state: AppState, key: string): Chat {
  return state.chats[key] ?? UNKNOWN_CHAT;
}

/** True if this connection may call what needs `scope`. */
export function may(state: AppState, scope: Scope): boolean {
  return mayUse(state.scopes, scope);
}

/** Changes one conversation. */
export function updateChat(store: AppStore, key: string, change: (chat: Chat) => Chat): void {
  store.setState((state) => {
    const before = chatOf(state, key);
    const after = change(before);
    return after === before ? state : { chats: { ...state.chats, [key]: after } };
  });
}

/** `set` with `key` in it or not; the same object when nothing changes. */
export function toggled(set: ReadonlySet<string>, key: string, isIn: boolean): ReadonlySet<string> {
  if (set.has(key) === isIn) return set;
  const next = new Set(set);
  if (isIn) next.add(key);
  else next.delete(key);
  return next;
}

/** Has screen readers read `text`: at once when urgent, else when they are done with what they read. */
export function announce(store: AppStore, text: string, isUrgent = false): void {
  store.setState((state) => ({ announcement: { text, isUrgent, count: state.announcement.count + 1 } }));
}
