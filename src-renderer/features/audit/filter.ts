/** What a person looks for in the record. Pure. */
import type { AuditEntry } from "#main/protocol/methods/audit.ts";
import type { AuditFilter } from "../../gateway/acting-actions.ts";

export interface AuditSearch {
  type: string;
  actor: string;
  session: string;
  text: string;
  range: "all" | "hour" | "day" | "week";
}

export const NO_SEARCH: AuditSearch = { type: "", actor: "", session: "", text: "", range: "all" };

const RANGES: Record<Exclude<AuditSearch["range"], "all">, number> = {
  hour: 3_600_000,
  day: 86_400_000,
  week: 7 * 86_400_000,
};

/** The part that the gateway filters by. */
export function toFilter(search: AuditSearch, now: number): AuditFilter {
  const [type, actor, sessionKey] = [search.type.trim(), search.actor.trim(), search.session.trim()];
  return {
    ...(type ? { type } : {}),
    ...(actor ? { actor } : {}),
    ...(sessionKey ? { sessionKey } : {}),
    ...(search.range === "all" ? {} : { after: now - RANGES[search.range] }),
  };
}

/** The part that is looked for in what was read: the gateway keeps texts encrypted and cannot search them. */
export function matchesText(entry: AuditEntry, text: string): boolean {
  const needle = text.trim().toLocaleLowerCase();
  if (needle === "") return true;
  const hay = [entry.message, entry.type, entry.actor, entry.target ?? "", JSON.stringify(entry.data ?? "")];
  return hay.join("\n").toLocaleLowerCase().includes(needle);
}
