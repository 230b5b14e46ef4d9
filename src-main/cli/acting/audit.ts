/** `gatehouse audit`: the record of what happened, and the proof that nobody altered it. Changes nothing in it. */
import { escapeHidden } from "#main/approvals/show.ts";
import type { AuditEntry } from "#main/protocol/methods/audit.ts";
import type { MethodParams } from "#main/protocol/methods/index.ts";
import { EXIT, isSet, printLine, textOption, usageError, type Invocation } from "../command.ts";
import { ask, withOwner } from "../owner.ts";

const LISTED = 50;
const FORMATS = ["jsonl", "csv"] as const;

/** `12  2026-01-01 12:00:00  warning  tool.denied  agent:main  what happened` */
export function toEntryLine(entry: AuditEntry): string {
  const at = new Date(entry.ts).toISOString().replace("T", " ").slice(0, 19);
  return escapeHidden([entry.seq, at, entry.level, entry.type, entry.actor, entry.message].join("  "));
}

type Filter = Omit<MethodParams<"audit.export">, "format">;

function toFilter(invocation: Invocation): Filter {
  const named = {
    type: textOption(invocation, "type"),
    actor: textOption(invocation, "actor"),
    sessionKey: textOption(invocation, "session"),
  };
  return Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined)) as Filter;
}

function toLimit(text: string | undefined): number {
  if (text === undefined) return LISTED;
  if (!/^\d{1,3}$/.test(text) || Number(text) < 1 || Number(text) > 500) {
    throw usageError(`--limit is a number from 1 to 500, not ${text}`);
  }
  return Number(text);
}

function toFormat(text: string | undefined): (typeof FORMATS)[number] {
  const format = FORMATS.find((one) => one === (text ?? "jsonl"));
  if (format === undefined) throw usageError(`--format is jsonl or csv, not ${text}`);
  return format;
}

export async function run(invocation: Invocation): Promise<number> {
  const [action = "list", ...rest] = invocation.positionals;
  if (rest.length > 0) throw usageError(`audit ${action} takes options only`);
  switch (action) {
    case "verify":
      return verify(invocation);
    case "list":
      return list(invocation);
    case "export":
      return exportAll(invocation);
    default:
      throw usageError(`audit ${action} is unknown: verify, list or export`);
  }
}

/** Ends with 1 and the entry's number when the record does not hold. */
function verify(invocation: Invocation): Promise<number> {
  const { stdout, stderr } = invocation.world;
  return withOwner(invocation, async (client) => {
    const proof = await client.request("audit.verify", {}, { timeoutMs: 0 });
    if (isSet(invocation, "json")) printLine(stdout, JSON.stringify(proof, null, 2));
    else if (proof.ok) printLine(stdout, `The record holds: ${proof.entries} entries, none altered or missing.`);
    else printLine(stderr, toBreak(proof.broken));
    return proof.ok ? EXIT.ok : EXIT.failed;
  });
}

function toBreak(broken: { seq: number; id: string; reason: string } | undefined): string {
  if (!broken) return "The record does not hold.";
  return escapeHidden(`The record does not hold: entry ${broken.seq} (${broken.id}): ${broken.reason}`);
}

function list(invocation: Invocation): Promise<number> {
  const limit = toLimit(textOption(invocation, "limit"));
  return ask(invocation, "audit.list", { ...toFilter(invocation), limit }, ({ entries }) => {
    return entries.map(toEntryLine).join("\n") || "No entries.";
  });
}

/** The file's content on standard output, for the shell to put where it should be. */
function exportAll(invocation: Invocation): Promise<number> {
  const format = toFormat(textOption(invocation, "format"));
  const { stdout, stderr } = invocation.world;
  return withOwner(invocation, async (client) => {
    const file = await client.request("audit.export", { ...toFilter(invocation), format }, { timeoutMs: 0 });
    stdout.write(file.content);
    if (file.truncated) printLine(stderr, "Only the newest entries are in it; the older ones are in the archive.");
    return EXIT.ok;
  });
}
