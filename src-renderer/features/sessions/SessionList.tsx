/** The conversations: pinned ones, then the others by when they were last used. */
import { MessageSquareDashed } from "lucide-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { SessionRow } from "#main/protocol/methods/sessions.ts";
import { useApp, useAppState } from "../../gateway/use-app.ts";
import { type DateGroup, toDateGroup } from "../../i18n/format.ts";
import { Button } from "../../ui/Button.tsx";
import { EmptyState } from "../../ui/EmptyState.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { Skeleton } from "../../ui/Skeleton.tsx";
import { SessionItem } from "./SessionItem.tsx";

export interface SessionGroup {
  name: DateGroup | "pinned";
  rows: SessionRow[];
}

/** The list in groups, each newest first, empty groups left out. Pure. */
export function toGroups(rows: readonly SessionRow[], now: number): SessionGroup[] {
  const groups = new Map<SessionGroup["name"], SessionRow[]>(
    (["pinned", "today", "yesterday", "week", "month", "older"] as const).map((name) => [name, []]),
  );
  const newestFirst = [...rows].sort((a, b) => b.updatedAt - a.updatedAt);
  for (const row of newestFirst) groups.get(row.pinned ? "pinned" : toDateGroup(row.updatedAt, now))?.push(row);
  return [...groups].filter(([, members]) => members.length > 0).map(([name, members]) => ({ name, rows: members }));
}

export function SessionList() {
  const { t } = useTranslation();
  const app = useApp();
  const status = useAppState((state) => state.sessionsStatus);
  const error = useAppState((state) => state.sessionsError);
  const rows = useAppState((state) => state.sessions);
  const hasMore = useAppState((state) => state.hasMoreSessions);
  const groups = useMemo(() => toGroups(rows, Date.now()), [rows]);
  if (status === "loading") return <Loading />;
  if (status === "error") {
    return (
      <Notice tone="danger" role="alert" className="mx-1 mt-2">
        <p>{t("sessions.listFailed")}</p>
        <p className="mb-2 text-small">{error}</p>
        <Button size="small" onClick={() => void app.sessions.refresh()}>
          {t("common.retry")}
        </Button>
      </Notice>
    );
  }
  if (rows.length === 0) {
    return (
      <EmptyState icon={<MessageSquareDashed size={20} aria-hidden />} title={t("sessions.empty")}>
        {t("sessions.emptyHint")}
      </EmptyState>
    );
  }
  return (
    <>
      {groups.map((group) => (
        <section key={group.name} aria-labelledby={`group-${group.name}`} className="mt-3 first:mt-1">
          <h2 id={`group-${group.name}`} className="px-2 pb-1 text-micro font-medium text-faint">
            {t(`sessions.${group.name}`)}
          </h2>
          <ul>
            {group.rows.map((row) => (
              <SessionItem key={row.key} row={row} />
            ))}
          </ul>
        </section>
      ))}
      {hasMore ? (
        <Button look="ghost" size="small" className="mt-3 w-full" onClick={() => void app.sessions.more()}>
          {t("common.more")}
        </Button>
      ) : null}
    </>
  );
}

function Loading() {
  const { t } = useTranslation();
  return (
    <div className="flex flex-col gap-3 px-2 pt-3" role="status" aria-label={t("common.loading")}>
      {["w-40", "w-52", "w-32", "w-48", "w-44"].map((width) => (
        <Skeleton key={width} className={`h-4 ${width}`} />
      ))}
    </div>
  );
}
