/** The sidebar: new chat, search, the list, settings. On narrow windows a drawer over the conversation. */
import { Command, MessagesSquare, PanelLeft, Search, Settings, ShieldCheck, SquarePen, X } from "lucide-react";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { toWaiting } from "../../gateway/approval-model.ts";
import { readBridge } from "../../gateway/bridge.ts";
import { countWaiting } from "../../gateway/channel-model.ts";
import { useApp, useAppState } from "../../gateway/use-app.ts";
import { cx } from "../../ui/class-names.ts";
import { IconButton } from "../../ui/IconButton.tsx";
import { Mark } from "../entry/Gate.tsx";
import { SearchResults } from "./SearchResults.tsx";
import { SessionList } from "./SessionList.tsx";

export function Sidebar() {
  const { t } = useTranslation();
  const app = useApp();
  const isDrawerOpen = useAppState((state) => state.isDrawerOpen);
  const [query, setQuery] = useState("");
  const close = () => app.store.setState({ isDrawerOpen: false });
  return (
    <>
      {isDrawerOpen ? (
        <button
          type="button"
          aria-label={t("sessions.collapse")}
          onClick={close}
          className="fixed inset-0 z-20 bg-scrim sm:hidden"
        />
      ) : null}
      <nav
        aria-label={t("sessions.label")}
        onKeyDown={(event) => (event.key === "Escape" && isDrawerOpen ? close() : undefined)}
        className={cx(
          "flex w-68 shrink-0 flex-col border-r border-line bg-side pt-safe",
          "max-sm:fixed max-sm:inset-y-0 max-sm:left-0 max-sm:z-30 max-sm:w-[min(20rem,86vw)] max-sm:shadow-dialog",
          isDrawerOpen ? "max-sm:flex" : "max-sm:hidden",
        )}
      >
        <Top />
        <SearchBox query={query} onQuery={setQuery} />
        <div className="min-h-0 flex-1 overflow-y-auto px-2 pb-3">
          {query.trim() ? <SearchResults query={query.trim()} /> : <SessionList />}
        </div>
        <Pages />
        <Bottom />
      </nav>
    </>
  );
}

function Top() {
  const { t } = useTranslation();
  const app = useApp();
  const isMacWindow = readBridge()?.platform === "darwin";
  return (
    <div className={cx("drag flex h-13 shrink-0 items-center gap-2 pr-2", isMacWindow ? "pl-20" : "pl-3.5")}>
      {isMacWindow ? null : <Mark size={20} />}
      <span className="flex-1 truncate text-[0.875rem] font-semibold tracking-tight">{"Gatehouse"}</span>
      <IconButton
        className="sm:hidden"
        label={t("sessions.collapse")}
        icon={<PanelLeft size={16} aria-hidden />}
        onClick={() => app.store.setState({ isDrawerOpen: false })}
      />
      <IconButton
        label={t("sessions.newChat")}
        keys="mod+N"
        icon={<SquarePen size={16} aria-hidden />}
        onClick={() => app.newChat()}
      />
    </div>
  );
}

function SearchBox({ query, onQuery }: { query: string; onQuery(query: string): void }) {
  const { t } = useTranslation();
  const app = useApp();
  const input = useRef<HTMLInputElement>(null);
  const isSearching = useAppState((state) => state.isSearching);
  useEffect(() => {
    if (!isSearching) return;
    input.current?.focus();
    input.current?.select();
    app.store.setState({ isSearching: false });
  }, [app, isSearching]);
  return (
    <div className="relative mx-3 mb-2">
      <Search
        size={14}
        aria-hidden
        className="pointer-events-none absolute top-1/2 left-2.5 -translate-y-1/2 text-faint"
      />
      <input
        ref={input}
        type="text"
        role="searchbox"
        aria-label={t("sessions.searchLabel")}
        placeholder={t("sessions.searchPlaceholder")}
        value={query}
        onChange={(event) => onQuery(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== "Escape" || !query) return;
          event.stopPropagation();
          onQuery("");
        }}
        className="h-8 w-full rounded-md border border-transparent bg-hover pr-8 pl-8 text-base outline-none focus-visible:border-accent focus-visible:bg-raised touch:h-11 touch:text-[1rem]"
      />
      {query ? (
        <button
          type="button"
          aria-label={t("sessions.clearSearch")}
          onClick={() => onQuery("")}
          className="absolute top-1/2 right-1 inline-flex size-6 -translate-y-1/2 items-center justify-center rounded-sm text-faint hover:text-ink touch:size-11"
        >
          <X size={14} aria-hidden />
        </button>
      ) : null}
    </div>
  );
}

/** The pages beside the conversation, with how much waits on each. */
function Pages() {
  const { t } = useTranslation();
  const app = useApp();
  const questions = useAppState((state) => toWaiting(state.questions).length);
  const channels = useAppState((state) => countWaiting(state.channels));
  const hasChannels = useAppState((state) => state.methods.has("channels.list"));
  const view = useAppState((state) => state.view);
  return (
    <div className="flex shrink-0 flex-col gap-0.5 border-t border-line px-2 pt-2">
      {hasChannels ? (
        <PageEntry
          name={t("channels.title")}
          icon={<MessagesSquare size={15} aria-hidden />}
          isOpen={view === "channels"}
          count={channels}
          countName={t("channels.waitingCount")}
          onOpen={() => app.openChannels()}
        />
      ) : null}
      <PageEntry
        name={t("approvals.title")}
        icon={<ShieldCheck size={15} aria-hidden />}
        isOpen={view === "approvals"}
        count={questions}
        countName={t("approvals.waitingCount")}
        onOpen={() => app.openApprovals(questions > 0 ? "pending" : undefined)}
      />
    </div>
  );
}

interface PageEntryProps {
  name: string;
  icon: ReactNode;
  isOpen: boolean;
  count: number;
  /** What the count counts, for screen readers. */
  countName: string;
  onOpen(): void;
}

function PageEntry({ name, icon, isOpen, count, countName, onOpen }: PageEntryProps) {
  return (
    <button
      type="button"
      aria-current={isOpen ? "page" : undefined}
      onClick={onOpen}
      className={cx(
        "flex h-8 w-full items-center gap-2 rounded-md px-2 text-base hover:bg-hover hover:text-ink touch:h-11",
        isOpen ? "bg-press font-medium text-ink" : "text-soft",
      )}
    >
      {icon}
      {name}
      {count > 0 ? (
        <span className="ml-auto inline-flex h-4.5 min-w-4.5 items-center justify-center rounded-full bg-warn-tint px-1 text-micro font-semibold text-warn tabular-nums">
          {count}
          <span className="sr-only">{countName}</span>
        </span>
      ) : null}
    </button>
  );
}

function Bottom() {
  const { t } = useTranslation();
  const app = useApp();
  const problems = useAppState((state) => state.health?.problems?.length ?? 0);
  const pending = useAppState((state) => state.devices?.pending.length ?? 0);
  const look =
    "flex h-8 items-center gap-2 rounded-md px-2 text-base text-soft hover:bg-hover hover:text-ink active:bg-press touch:h-11";
  return (
    <div className="flex shrink-0 items-center gap-1 p-2 pb-[max(0.5rem,env(safe-area-inset-bottom))]">
      <button
        type="button"
        className={cx(look, "flex-1")}
        onClick={() =>
          app.store.setState({
            dialog: "settings",
            isDrawerOpen: false,
            ...(pending ? { settingsPage: "devices" } : {}),
          })
        }
      >
        <Settings size={15} aria-hidden />
        {t("sessions.settings")}
        {problems + pending > 0 ? (
          <span className="ml-auto inline-flex h-4.5 min-w-4.5 items-center justify-center rounded-full bg-warn-tint px-1 text-micro font-semibold text-warn tabular-nums">
            {problems + pending}
          </span>
        ) : null}
      </button>
      <IconButton
        label={t("sessions.palette")}
        keys="mod+K"
        icon={<Command size={15} aria-hidden />}
        onClick={() => app.store.setState({ dialog: "palette", isDrawerOpen: false })}
      />
    </div>
  );
}
