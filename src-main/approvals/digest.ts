/** Binds what was shown to what runs: SHA-256 over the canonical JSON of the whole plan. Pure. */
import { createHash } from "node:crypto";
import type { Plan } from "#main/tools/contract.ts";
import type { GuardedCall } from "./contract.ts";

/** JSON with sorted keys, so that the same value always gives the same text. Undefined members are left out. */
export function toCanonicalJson(value: unknown): string {
  if (value === null || typeof value !== "object") return JSON.stringify(value) ?? "null";
  if (Array.isArray(value)) return `[${value.map(toCanonicalJson).join(",")}]`;
  const members = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([key, item]) => `${JSON.stringify(key)}:${toCanonicalJson(item)}`);
  return `{${members.join(",")}}`;
}

/** @returns hex. Changes with every byte of tool, arguments, plan, agent or session. */
export function toDigest(call: GuardedCall, plan: Plan): string {
  const { tool, args, level, agentId, sessionKey } = call;
  const bound = { version: 1, tool, args, level, agentId, sessionKey, plan };
  return createHash("sha256").update(toCanonicalJson(bound), "utf8").digest("hex");
}

/** What differs between what was shown and what would run now, in words. Undefined: nothing. */
export function describeDrift(shown: Plan, now: Plan): string | undefined {
  if (toCanonicalJson(shown) === toCanonicalJson(now)) return undefined;
  const exec = (plan: Plan) => plan.exec;
  if (toCanonicalJson(exec(shown)?.argv) !== toCanonicalJson(exec(now)?.argv)) return "the command changed";
  if (exec(shown)?.cwd !== exec(now)?.cwd) return "the folder changed";
  if (toCanonicalJson(exec(shown)?.env) !== toCanonicalJson(exec(now)?.env)) return "the environment changed";
  if (exec(shown)?.resolvedPath !== exec(now)?.resolvedPath) return "another program would run";
  const before = new Map(shown.files?.map((file) => [file.path, file]));
  const changed = now.files?.find((file) => toCanonicalJson(before.get(file.path)) !== toCanonicalJson(file));
  return changed ? `${changed.path} changed` : "what would happen changed";
}
