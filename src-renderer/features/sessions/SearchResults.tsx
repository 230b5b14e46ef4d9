/** What a search found: names at once, from the list; messages as the gateway finds them, grouped by conversation. */
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { type SearchHit, titleOf } from "../../gateway/session-actions.ts";
import { useApp, useAppState } from "../../gateway/use-app.ts";
import { EmptyState } from "../../ui/EmptyState.tsx";
import { Spinner } from "../../ui/Spinner.tsx";
import { SessionItem } from "./SessionItem.tsx";

interface Found {
  query: string;
  hits: readonly SearchHit[];
}

/** Hits by conversation, in the order of the best hit. Pure. */
function toHitGroups(found: readonly SearchHit[]) {
  return [...Map.groupBy(found, ({ sessionKey }) => sessionKey)].map(([sessionKey, hits]) => ({ sessionKey, hits }));
}

/** Asks the gateway 200 ms after the last key; answers to older questions are dropped. */
function useMessageSearch(query: string): Found | undefined {
  const app = useApp();
  const [found, setFound] = useState<Found>();
  useEffect(() => {
    let isOld = false;
    const done = (hits: readonly SearchHit[]) => (isOld ? undefined : setFound({ query, hits }));
    const timer = setTimeout(() => void app.sessions.search(query).then(done, () => done([])), 200);
    return () => {
      isOld = true;
      clearTimeout(timer);
    };
  }, [app, query]);
  return found;
}

export function SearchResults({ query }: { query: string }) {
  const { t } = useTranslation();
  const rows = useAppState((state) => state.sessions);
  const found = useMessageSearch(query);
  const needle = query.toLocaleLowerCase();
  const named = rows.filter((row) => (titleOf(row) ?? "").toLocaleLowerCase().includes(needle));
  const isWaiting = found?.query !== query;
  const groups = toHitGroups(found?.hits ?? []);
  if (!isWaiting && named.length === 0 && groups.length === 0) {
    return <EmptyState title={t("sessions.noResults", { query })} />;
  }
  return (
    <>
      {named.length > 0 ? (
        <section aria-label={t("sessions.titles")}>
          <h2 className="px-2 pt-1 pb-1 text-micro font-medium text-faint">{t("sessions.titles")}</h2>
          <ul>
            {named.slice(0, 8).map((row) => (
              <SessionItem key={row.key} row={row} />
            ))}
          </ul>
        </section>
      ) : null}
      <div className="mt-3">
        <h2 className="flex items-center gap-2 px-2 pb-1 text-micro font-medium text-faint">
          {t("sessions.messages")}
          {isWaiting ? (
            <span role="status" aria-label={t("sessions.searching")}>
              <Spinner size={10} />
            </span>
          ) : null}
        </h2>
        {groups.map((group) => (
          <HitGroup key={group.sessionKey} query={query} {...group} />
        ))}
      </div>
    </>
  );
}

function HitGroup({ sessionKey, hits, query }: { sessionKey: string; hits: SearchHit[]; query: string }) {
  const { t } = useTranslation();
  const app = useApp();
  const row = useAppState((state) => state.sessions.find((other) => other.key === sessionKey));
  return (
    <div className="mb-2">
      <h3 className="truncate px-2 py-1 text-small font-medium">{titleOf(row) ?? t("sessions.untitled")}</h3>
      <ul>
        {hits.slice(0, 4).map((hit) => (
          <li key={hit.messageId}>
            <button
              type="button"
              onClick={() => app.openSession(sessionKey, hit.messageId)}
              className="w-full rounded-md px-2 py-1.5 text-left text-small text-soft hover:bg-hover hover:text-ink touch:min-h-11"
            >
              <span className="line-clamp-2">
                <span className="text-faint">
                  {hit.role === "user" ? t("sessions.you") : t("sessions.assistant")}:{" "}
                </span>
                <Marked text={hit.snippet} query={query} />
              </span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** The text with what was searched for set off. Marks that the gateway puts around a hit are taken away first. */
function Marked({ text, query }: { text: string; query: string }) {
  const plain = text.replaceAll(/<\/?(?:mark|b)>|[\u0002\u0003]/g, "");
  const at = plain.toLocaleLowerCase().indexOf(query.toLocaleLowerCase());
  if (at === -1) return <>{plain}</>;
  return (
    <>
      {plain.slice(0, at)}
      <mark className="rounded-sm bg-tint font-medium text-accent">{plain.slice(at, at + query.length)}</mark>
      {plain.slice(at + query.length)}
    </>
  );
}
