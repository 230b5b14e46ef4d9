/** Names of conversations: `agent:<agentId>:<rest>`. Pure. */
import { Refused } from "#main/base/errors.ts";

export const DEFAULT_AGENT = "main";
export const MAIN_KEY = "main";

export interface SessionKey {
  /** The whole key, canonical. */
  key: string;
  agentId: string;
  rest: string;
}

const AGENT_ID = /^[a-z0-9][a-z0-9_-]{0,63}$/i;
/** Printable, without spaces or control characters: keys appear in logs, addresses and file names. */
const REST = /^[\p{L}\p{N}][\p{L}\p{N}._:@+=/-]{0,400}$/u;

/** `agent:main:main` for an agent. */
export function toMainKey(agentId: string = DEFAULT_AGENT): string {
  return `agent:${agentId}:${MAIN_KEY}`;
}

/**
 * Reads a key as clients write it: canonical, or short (`main`, `notes`), which belongs to `agentId`.
 * Throws Refused `INVALID_REQUEST` with what a key may look like.
 */
export function parseSessionKey(input: string, agentId: string = DEFAULT_AGENT): SessionKey {
  const trimmed = input.trim();
  const match = /^agent:([^:]+):(.+)$/u.exec(trimmed);
  const agent = match?.[1] ?? agentId;
  const rest = match?.[2] ?? trimmed;
  if (!AGENT_ID.test(agent) || !REST.test(rest) || (match === null && trimmed.startsWith("agent:"))) {
    throw new Refused(
      "INVALID_REQUEST",
      "invalid session key: use letters, digits and . _ : @ + = / - (for example main or agent:main:notes)",
    );
  }
  const lower = agent.toLowerCase();
  return { key: `agent:${lower}:${rest}`, agentId: lower, rest };
}
