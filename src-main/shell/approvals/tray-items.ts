/**
 * What the tray's menu shows of the approvals that wait: a line each, with Deny and Review. Pure. It must never offer to
 * allow what it does not show whole: a menu has no room for a command or a diff.
 */
import type { MenuItemConstructorOptions } from "electron";
import { escapeHidden } from "#main/approvals/show.ts";
import type { Approval, ApprovalRequest } from "#main/protocol/methods/approvals.ts";

export interface ApprovalActions {
  deny(id: string): void;
  allowOnce(id: string): void;
  /** Shows the window on one approval; on all of them without one. */
  review(approval?: Approval): void;
}

type Item = MenuItemConstructorOptions;

/** Requests with items of their own; the rest is behind "All approvals". */
const MOST_SHOWN = 3;
/** Characters of a line. */
const LINE_CHARS = 60;
/** The highest level that may be allowed from a menu. */
const HIGHEST_LEVEL = 5;

/** One visible line of at most `most` characters; what is cut ends in `…`. */
export function toOneLine(text: string, most = LINE_CHARS): string {
  const characters = [...escapeHidden(text)];
  return characters.length <= most ? characters.join("") : `${characters.slice(0, most - 1).join("")}…`;
}

/** Menus take an ampersand for the mark of a key, and swallow it. */
function toLabel(line: string): string {
  return line.replaceAll("&", "&&");
}

/** True when one line of a menu says all that there is to say, and the level is one that may be allowed in passing. */
export function mayAllowInPassing(request: ApprovalRequest): boolean {
  const hasMore = [request.command, request.argv, request.cwd, request.diff, request.why].some(
    (part) => part !== undefined,
  );
  const namesHosts = (request.hosts ?? []).every((host) => request.summary.includes(host));
  const isPlain = toOneLine(request.summary) === request.summary;
  return (
    request.level <= HIGHEST_LEVEL &&
    request.warnings.length === 0 &&
    request.allowedDecisions.includes("allow-once") &&
    request.requester === "you" &&
    !hasMore &&
    namesHosts &&
    isPlain
  );
}

/** @param waiting oldest first */
export function toApprovalItems(waiting: readonly Approval[], actions: ApprovalActions): Item[] {
  if (waiting.length === 0) return [];
  const shown = waiting.slice(0, MOST_SHOWN).map((approval): Item => {
    const { id, request } = approval;
    const allow: Item[] = mayAllowInPassing(request)
      ? [{ type: "separator" }, { label: "Allow once", click: () => actions.allowOnce(id) }]
      : [];
    return {
      label: toLabel(toOneLine(request.summary)),
      submenu: [
        { label: "Deny", click: () => actions.deny(id) },
        { label: "Review…", click: () => actions.review(approval) },
        ...allow,
      ],
    };
  });
  return [...shown, { label: `All approvals (${waiting.length})…`, click: () => actions.review() }];
}
