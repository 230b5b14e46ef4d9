/** A question to the owner as a chat shows it, and its answer as a button carries it. Pure. */
import type { AnyChannel, Button } from "#main/channels/contract.ts";
import type { Approval, ApprovalDecision } from "#main/protocol/methods/approvals.ts";
import { toQuestionCode } from "../commands.ts";

/** `gh:<approval id>:<letter>`: within the 64 bytes that Telegram allows. */
const DATA = /^gh:([\w-]{1,50}):([oad])$/;
const DECISIONS: Readonly<Record<string, ApprovalDecision>> = { o: "allow-once", a: "allow-always", d: "deny" };
/** What fits a message beside the question itself. */
const MAX_SHOWN = 1200;

/** The question and the answer in a button's data; undefined when it is not one of ours. */
export function fromButton(data: string): { id: string; decision: ApprovalDecision } | undefined {
  const [, id, letter] = DATA.exec(data) ?? [];
  const decision = letter === undefined ? undefined : DECISIONS[letter];
  return id === undefined || decision === undefined ? undefined : { id, decision };
}

export function toButtons({ id, request }: Approval): Button[] {
  const all: Button[] = [
    { label: "Allow once", data: `gh:${id}:o`, style: "primary" },
    { label: "Deny", data: `gh:${id}:d`, style: "danger" },
  ];
  const isAllowed = (button: Button) =>
    request.allowedDecisions.includes(DECISIONS[button.data.slice(-1)] ?? "allow-always");
  return all.filter(isAllowed);
}

/**
 * What is shown is what runs: all of it in one message, or the words that it must be looked at in the window, and no way
 * to answer here.
 */
export function toShown(
  approval: Approval,
  plug: Pick<AnyChannel, "capabilities" | "split">,
): { text: string; isWhole: boolean } {
  const { command, diff } = approval.request;
  const text = toText(approval, plug.capabilities.buttons);
  const isWhole = (command ?? diff ?? "").length <= MAX_SHOWN && plug.split(text).length === 1;
  if (isWhole) return { text, isWhole };
  const what = [...approval.request.summary].slice(0, 200).join("");
  const where = "It is too long to show here: look at it, and answer, in the Gatehouse window.";
  return { text: `**May I?** ${what}…\n${where}`, isWhole };
}

function toText({ id, request, expiresAtMs, createdAtMs }: Approval, hasButtons: boolean): string {
  const { summary, command, cwd, diff, warnings, requester, level, host } = request;
  const body = command ?? diff ?? "";
  const lines = [`**May I?** ${summary}`];
  if (body !== "") lines.push("```", body.replaceAll("```", "ʼʼʼ"), "```");
  lines.push(`Level ${level} · ${host}${cwd === undefined ? "" : ` · in ${cwd}`} · asked by ${requester ?? "you"}`);
  for (const warning of warnings) lines.push(`⚠ ${warning}`);
  const minutes = Math.max(1, Math.round((expiresAtMs - createdAtMs) / 60_000));
  const code = toQuestionCode(id);
  if (!hasButtons) lines.push(`Answer \`/approve ${code}\` or \`/deny ${code}\`.`);
  lines.push(`No answer within ${minutes} min means no.`);
  return lines.join("\n");
}

export function toOutcome({ outcome, resolvedBy }: Approval): string {
  if (outcome === "allowed") return `Allowed${resolvedBy === undefined ? "" : ` by ${resolvedBy}`}.`;
  if (outcome === "denied") return `Denied${resolvedBy === undefined ? "" : ` by ${resolvedBy}`}.`;
  return outcome === "expired" ? "Nobody answered in time: not done." : "It could not be shown: not done.";
}
