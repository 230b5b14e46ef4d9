/**
 * The list of conversations: reading it, and pin, rename, delete, restore, export, search. What a person sees changes at
 * once and is put back when the gateway refuses. Must never delete anything that cannot be restored.
 */
import type { MethodParams, MethodResult } from "#main/protocol/methods/index.ts";
import type { SessionRow } from "#main/protocol/methods/sessions.ts";
import { wordsOf } from "./chat-actions.ts";
import type { Caller } from "./connection.ts";
import { type AppStore, toggled } from "./store.ts";

export type SearchHit = MethodResult<"sessions.search">["results"][number];
export type SessionActions = ReturnType<typeof createSessionActions>;

const STEP = 100;

/** The name of a conversation, or undefined when it has none yet. */
export function titleOf(row: SessionRow | undefined): string | undefined {
  // On a platform a conversation is known by who is in it.
  return row?.label ?? row?.chat?.name ?? row?.derivedTitle ?? row?.displayName;
}

/** True for a conversation that begins with its first message. */
function isUnmade(store: AppStore, key: string): boolean {
  const { sessions, chats } = store.getState();
  return !sessions.some((row) => row.key === key) && (chats[key]?.messages.length ?? 0) === 0;
}

async function readSessions(store: AppStore, call: Caller, limit: number): Promise<void> {
  try {
    const list = await call("sessions.list", { limit, includeDerivedTitles: true, includeLastMessage: true });
    store.setState((state) => ({
      sessions: list.sessions,
      sessionsStatus: "ready",
      sessionsError: "",
      hasMoreSessions: list.hasMore,
      running: list.sessions.reduce((running, row) => toggled(running, row.key, row.hasActiveRun), state.running),
    }));
  } catch (error) {
    store.setState((state) => ({
      sessionsStatus: state.sessions.length > 0 ? "ready" : "error",
      sessionsError: wordsOf(error),
    }));
  }
}

/** @returns false when nothing was chosen */
async function makeChosen(store: AppStore, call: Caller, key: string): Promise<boolean> {
  const model = store.getState().chosenModels[key];
  if (!model) return false;
  const { entry } = await call("sessions.create", { key, model });
  // It may have been made from elsewhere meanwhile: then it has another model.
  if (entry.model !== model) await call("sessions.patch", { key, model });
  store.setState((state) => {
    const { [key]: _, ...chosenModels } = state.chosenModels;
    return { chosenModels };
  });
  return true;
}

export function createSessionActions(store: AppStore, call: Caller) {
  let limit = STEP;
  let isReading = false;
  let isAskedAgain = false;

  /** Reads the list again; calls that come while one runs are joined. */
  const refresh = async () => {
    isAskedAgain = true;
    if (isReading) return;
    isReading = true;
    while (isAskedAgain) {
      isAskedAgain = false;
      await readSessions(store, call, limit);
    }
    isReading = false;
  };

  const setRow = (key: string, change: (row: SessionRow) => SessionRow) =>
    store.setState((state) => ({ sessions: state.sessions.map((row) => (row.key === key ? change(row) : row)) }));

  return {
    refresh,
    /** Shows more of the list. */
    async more() {
      limit += STEP;
      await refresh();
    },
    /** Changes a conversation; a model for one that does not exist yet is kept until its first message. */
    async patch(key: string, patch: Omit<MethodParams<"sessions.patch">, "key">) {
      const before = store.getState().sessions;
      const { model } = patch;
      if (model && isUnmade(store, key)) {
        store.setState((state) => ({ chosenModels: { ...state.chosenModels, [key]: model } }));
        return;
      }
      setRow(key, (row) => ({
        ...row,
        ...(patch.pinned === undefined ? {} : { pinned: patch.pinned }),
        ...(patch.label ? { label: patch.label } : {}),
        ...(patch.model ? { model: patch.model } : {}),
      }));
      try {
        const { entry } = await call("sessions.patch", { key, ...patch });
        if (store.getState().sessions.some((row) => row.key === key)) setRow(key, () => entry);
        await refresh();
      } catch (error) {
        store.setState({ sessions: before });
        throw error;
      }
    },
    /** Makes a conversation with the model that was chosen for it, so that its first message is answered by that model. */
    async makeChosen(key: string) {
      if (await makeChosen(store, call, key)) await refresh();
    },
    async delete(key: string) {
      const before = store.getState().sessions;
      store.setState({ sessions: before.filter((row) => row.key !== key) });
      try {
        await call("sessions.delete", { key });
      } catch (error) {
        store.setState({ sessions: before });
        throw error;
      }
    },
    async restore(key: string) {
      await call("sessions.restore", { key });
      await refresh();
    },
    export: (key: string, format: "markdown" | "json") => call("sessions.export", { key, format }),
    async search(query: string): Promise<readonly SearchHit[]> {
      return (await call("sessions.search", { query, limit: 60 })).results;
    },
  };
}
