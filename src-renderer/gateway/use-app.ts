/** How components reach the store and the actions. Must never hold state of its own. */
import { createContext, useContext } from "react";
import { useStore } from "zustand";
import type { App } from "./app-core.ts";
import type { AppState } from "./store.ts";

export const AppContext = createContext<App | undefined>(undefined);

/** The actions and the store. Throws outside of the app. */
export function useApp(): App {
  const app = useContext(AppContext);
  if (!app) throw new Error("useApp outside of AppContext");
  return app;
}

/** A value of the store; the component is drawn again when it changes. */
export function useAppState<T>(select: (state: AppState) => T): T {
  return useStore(useApp().store, select);
}
