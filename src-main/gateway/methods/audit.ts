/** audit.*: the record, its proof, and a copy of it for the owner. */
import type { AuditEntry } from "#main/protocol/methods/audit.ts";
import { actorOf, type HandlersOf } from "../dispatch.ts";
import type { MethodDeps } from "./deps.ts";

const PAGE = 100;
const EXPORT_ROWS = 20_000;

function toCsvCell(value: unknown): string {
  const text = typeof value === "string" ? value : value === undefined ? "" : JSON.stringify(value);
  // A leading sign would be a formula in a spreadsheet.
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return `"${safe.replaceAll('"', '""')}"`;
}

const COLUMNS = [
  ...(["seq", "ts", "type", "level", "actor", "target"] as const),
  ...(["sessionKey", "correlationId", "message", "data"] as const),
];

function toCsv(entries: readonly AuditEntry[]): string {
  const rows = entries.map((entry) => COLUMNS.map((column) => toCsvCell(entry[column])).join(","));
  return [COLUMNS.join(","), ...rows, ""].join("\r\n");
}

export function createAuditHandlers({ audit, clock }: MethodDeps): HandlersOf<"audit"> {
  return {
    "audit.list": async ({ cursor, limit = PAGE, ...filter }) => {
      const entries = await audit.list(filter, { limit: limit + 1, cursor });
      const last = entries[limit - 1];
      return { entries: entries.slice(0, limit), ...(entries.length > limit && last ? { nextCursor: last.seq } : {}) };
    },
    "audit.verify": () => audit.verify(),
    "audit.export": async ({ format = "jsonl", ...filter }, caller) => {
      const found = await audit.list(filter, { limit: EXPORT_ROWS + 1 });
      const entries = found.slice(0, EXPORT_ROWS).reverse();
      const actor = actorOf(caller);
      await audit.append({ type: "audit.exported", actor, message: `${entries.length} entries exported as ${format}` });
      const stamp = new Date(clock.now()).toISOString().slice(0, 10);
      const truncated = found.length > EXPORT_ROWS;
      const file = (extension: string, mimeType: string, content: string) => {
        return { fileName: `audit-${stamp}.${extension}`, mimeType, content, truncated };
      };
      if (format === "csv") return file("csv", "text/csv", toCsv(entries));
      return file("jsonl", "application/x-ndjson", entries.map((entry) => `${JSON.stringify(entry)}\n`).join(""));
    },
  };
}
