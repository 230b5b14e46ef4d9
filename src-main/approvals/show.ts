/**
 * What a person is shown of a plan. What is shown is what runs: nothing is left out, and nothing that an eye cannot see
 * stays invisible. Pure.
 */
import type { ApprovalRequest, GrantRule } from "#main/protocol/methods/approvals.ts";
import type { GuardedCall } from "./contract.ts";
import type { Plan } from "#main/tools/contract.ts";

/** Control, format (bidirectional, zero-width, tags), separators other than the common ones, and lone surrogates. */
const HIDDEN =
  /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\u115f\u1160\u3164\uffa0]/gu;
const SCRIPTS = [
  { name: "Cyrillic", pattern: /\p{Script=Cyrillic}/u },
  { name: "Greek", pattern: /\p{Script=Greek}/u },
  { name: "Armenian", pattern: /\p{Script=Armenian}/u },
  { name: "Cherokee", pattern: /\p{Script=Cherokee}/u },
];

function escapeCharacter(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

/** Writes every hidden character as `\u{…}`. Line ends stay where `keepLines` says so. */
export function escapeHidden(text: string, keepLines = false): string {
  return text.replace(HIDDEN, (character) => {
    if (keepLines && (character === "\n" || character === "\t")) return character;
    return escapeCharacter(character);
  });
}

/** What is suspicious about a text: hidden characters, and words that mix Latin with letters that look the same. */
export function findWarnings(text: string): string[] {
  const warnings: string[] = [];
  const hidden = [...text.matchAll(HIDDEN)].filter(([character]) => character !== "\n" && character !== "\t");
  if (hidden.length > 0)
    warnings.push(`holds ${hidden.length} invisible character${hidden.length === 1 ? "" : "s"}, shown as \\u{…}`);
  for (const word of text.match(/[\p{L}\p{M}\p{N}._-]+/gu) ?? []) {
    const mixed = /\p{Script=Latin}/u.test(word) ? SCRIPTS.find(({ pattern }) => pattern.test(word)) : undefined;
    if (mixed) warnings.push(`"${escapeHidden(word)}" mixes Latin and ${mixed.name} letters that look alike`);
    if (/[\uff01-\uff5e]/u.test(word)) warnings.push(`"${escapeHidden(word)}" holds full-width letters`);
  }
  return [...new Set(warnings)].slice(0, 10);
}

/** @param host where it runs, with the walls around it: `gateway · bubblewrap` */
export function toApprovalRequest(
  call: GuardedCall,
  plan: Plan,
  digest: string,
  host: string,
  proposals: { rule: GrantRule; sentence: string }[],
): ApprovalRequest {
  const { exec } = plan;
  const texts = [
    plan.summary,
    exec?.command ?? "",
    ...(exec?.argv ?? []),
    exec?.cwd ?? "",
    ...(plan.hosts ?? []),
    plan.diff ?? "",
  ];
  const isGrantable = call.level < 8 && proposals.length > 0;
  return {
    tool: call.tool,
    level: call.level,
    ...(exec === undefined
      ? {}
      : {
          command: escapeHidden(exec.command, true),
          argv: exec.argv.map((part) => escapeHidden(part, true)),
          cwd: escapeHidden(exec.cwd),
          envKeys: Object.keys(exec.env)
            .map((key) => escapeHidden(key))
            .sort(),
          ...(exec.resolvedPath === undefined ? {} : { resolvedPath: escapeHidden(exec.resolvedPath) }),
        }),
    host,
    agentId: call.agentId,
    sessionKey: call.sessionKey,
    channel: call.requester.channel,
    requester: escapeHidden(call.requester.isOwner ? "you" : call.requester.sender),
    summary: escapeHidden(plan.summary),
    ...(plan.diff === undefined ? {} : { diff: escapeHidden(plan.diff, true) }),
    ...(plan.hosts === undefined ? {} : { hosts: plan.hosts.map((name) => escapeHidden(name)) }),
    ...(plan.why === undefined ? {} : { why: escapeHidden(plan.why) }),
    warnings: [...new Set(texts.flatMap(findWarnings))],
    allowedDecisions: isGrantable ? ["allow-once", "allow-always", "deny"] : ["allow-once", "deny"],
    proposals: isGrantable ? proposals : [],
    digest,
  };
}
