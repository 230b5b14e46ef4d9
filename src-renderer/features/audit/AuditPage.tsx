/** The record: newest first, filtered, page by page. */
import { useCallback, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { AuditEntry } from "#main/protocol/methods/audit.ts";
import { wordsOf } from "../../gateway/chat-actions.ts";
import { may } from "../../gateway/store.ts";
import { useApp, useAppState } from "../../gateway/use-app.ts";
import { Button } from "../../ui/Button.tsx";
import { EmptyState } from "../../ui/EmptyState.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { Select } from "../../ui/Select.tsx";
import { TextField } from "../../ui/TextField.tsx";
import { AuditEntryRow } from "./AuditEntryRow.tsx";
import { AuditTools } from "./AuditTools.tsx";
import { type AuditSearch, matchesText, NO_SEARCH, toFilter } from "./filter.ts";

const RANGES = ["all", "hour", "day", "week"] as const;

interface Pages {
  entries: readonly AuditEntry[];
  next: number | undefined;
  isLoading: boolean;
  error: string | undefined;
}

const NOTHING: Pages = { entries: [], next: undefined, isLoading: true, error: undefined };

/** The entries read so far; read anew when the filter changes. */
function useEntries(search: AuditSearch): Pages & { more(): void } {
  const app = useApp();
  const [pages, setPages] = useState<Pages>(NOTHING);
  const { type, actor, session, range } = search;
  const read = useCallback(
    async (cursor: number | undefined, isOld: () => boolean) => {
      setPages((known) => ({ ...known, isLoading: true }));
      try {
        const filter = toFilter({ ...NO_SEARCH, type, actor, session, range }, Date.now());
        const page = await app.acting.audit(filter, cursor);
        if (isOld()) return;
        setPages((known) => ({
          entries: cursor === undefined ? page.entries : [...known.entries, ...page.entries],
          next: page.nextCursor,
          isLoading: false,
          error: undefined,
        }));
      } catch (thrown) {
        if (!isOld()) setPages((known) => ({ ...known, isLoading: false, error: wordsOf(thrown) }));
      }
    },
    [app, type, actor, session, range],
  );
  useEffect(() => {
    let isOld = false;
    // While a person types, only what stands for a moment is asked for.
    const timer = setTimeout(() => void read(undefined, () => isOld), 200);
    return () => {
      isOld = true;
      clearTimeout(timer);
    };
  }, [read]);
  return { ...pages, more: () => void read(pages.next, () => false) };
}

export function AuditPage() {
  const { t } = useTranslation();
  const mayRead = useAppState((state) => may(state, "operator.admin") && state.methods.has("audit.list"));
  return mayRead ? <Entries /> : <Notice>{t("settings.noRight")}</Notice>;
}

function Entries() {
  const { t } = useTranslation();
  const [search, setSearch] = useState(NO_SEARCH);
  const { entries, next, isLoading, error, more } = useEntries(search);
  const shown = entries.filter((entry) => matchesText(entry, search.text));
  return (
    <>
      <p className="mb-4 text-soft">{t("audit.intro")}</p>
      <AuditTools filter={() => toFilter(search, Date.now())} />
      <Filters search={search} onChange={setSearch} />
      <Notice tone="danger">{error}</Notice>
      {shown.length === 0 && !isLoading && !error ? (
        <EmptyState title={t("audit.empty")} />
      ) : (
        <ul className="divide-y divide-line rounded-lg border border-line empty:hidden">
          {shown.map((entry) => (
            <AuditEntryRow key={entry.seq} entry={entry} />
          ))}
        </ul>
      )}
      {isLoading ? <p className="mt-2 text-small text-faint">{t("common.loading")}</p> : null}
      {next !== undefined && !isLoading ? (
        <Button look="ghost" className="mt-3 w-full" onClick={more}>
          {t("common.more")}
        </Button>
      ) : null}
    </>
  );
}

function Filters({ search, onChange }: { search: AuditSearch; onChange(search: AuditSearch): void }) {
  const { t } = useTranslation();
  return (
    <div role="search" className="my-4 grid grid-cols-2 gap-2 max-sm:grid-cols-1">
      {(["text", "type", "actor", "session"] as const).map((name) => (
        <TextField
          key={name}
          label={t(`audit.filter_${name}`)}
          isLabelHidden
          placeholder={t(`audit.filter_${name}`)}
          value={search[name]}
          onChange={(value) => onChange({ ...search, [name]: value })}
        />
      ))}
      <Select
        label={t("audit.range")}
        value={search.range}
        onChange={(range) => onChange({ ...search, range })}
        options={RANGES.map((value) => ({ value, label: t(`audit.range_${value}`) }))}
      />
    </div>
  );
}
