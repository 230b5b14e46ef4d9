/** The world as one call of a tool sees it. Part of the assembly. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { GuardedCall } from "#main/approvals/contract.ts";
import type { CommandRunner } from "#main/base/command.ts";
import { identityOfFolder } from "#main/base/confined-files.ts";
import { Refused } from "#main/base/errors.ts";
import { createGuardedFetch, resolveBySystem } from "#main/base/guarded-fetch.ts";
import * as paths from "#main/config/paths.ts";
import { textOf } from "#main/protocol/text-of.ts";
import type { Inject } from "#main/routing/inject.ts";
import { parseSessionKey } from "#main/sessions/key.ts";
import { readMessages } from "#main/store/messages.ts";
import { findSession, listSessions } from "#main/store/sessions.ts";
import type { FileChange, ToolContext, ToolServices } from "#main/tools/contract.ts";
import type { CustomTools } from "#main/tools/custom-tools.ts";
import type { ComposeOptions, Ground } from "./ground.ts";

export interface ToolWorldParts {
  inject: Inject;
  /** Says something in a conversation that takes place on a channel. */
  say(key: string, text: string, said: { label: string; idempotencyKey: string }): Promise<{ messageId: string }>;
  customTools: CustomTools;
  /** The runner behind the walls in force for this call. */
  commandsFor(call: GuardedCall, workspace: string): CommandRunner;
  /** What no tool may see. */
  protectedPaths: readonly string[];
  recordChange(call: GuardedCall, workspace: string, change: FileChange): Promise<void>;
}

/** Names that programs need to find their way; everything else of our own environment stays here. */
const PASSED_ON = [
  "PATH",
  "HOME",
  "USER",
  "LOGNAME",
  "SHELL",
  "LANG",
  "LC_ALL",
  "LC_CTYPE",
  "TZ",
  "TMPDIR",
  "SystemRoot",
  "ComSpec",
  "PATHEXT",
];

function toCommandEnv(env: ComposeOptions["env"]): Record<string, string> {
  const passed = PASSED_ON.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]] as const]));
  return {
    PATH: "/usr/local/bin:/usr/bin:/bin",
    ...Object.fromEntries(passed),
    TERM: "dumb",
    GIT_TERMINAL_PROMPT: "0",
  };
}

/** @returns the folder of an agent's files, existing */
export function workspaceOf(options: ComposeOptions, ground: Ground, agentId: string): string {
  const workspace = ground.config.current.agents[agentId]?.workspace ?? paths.workspaceDir(options.stateDir);
  mkdirSync(workspace, { recursive: true, mode: 0o700 });
  return workspace;
}

/** Makes the function behind `GateDeps.createContext`. */
export function createToolWorld(options: ComposeOptions, ground: Ground, parts: ToolWorldParts) {
  const { clock, log, config } = ground;
  const guardedFetch = createGuardedFetch({ resolve: resolveBySystem, clock, log });
  // The owner's own search service may be on this network: named in the configuration, for this tool alone.
  const searchFetch = createGuardedFetch({
    ...{ resolve: resolveBySystem, clock, log },
    allowPrivate: (authority) =>
      searchAuthorities(config.current.tools.settings["web_search"] ?? {}).includes(authority),
  });
  const commandEnv = toCommandEnv(options.env);
  const overflowDir = join(paths.mediaDir(options.stateDir), "output");
  const identityOf = createIdentities();
  return async (call: GuardedCall, signal: AbortSignal): Promise<ToolContext> => {
    const workspace = workspaceOf(options, ground, call.agentId);
    const workspaceIdentity = await identityOf(workspace);
    return {
      ...{ workspace, workspaceIdentity, clock, log, signal, commandEnv, overflowDir },
      protectedPaths: parts.protectedPaths,
      agentId: call.agentId,
      sessionKey: call.sessionKey,
      runId: call.runId,
      commands: parts.commandsFor(call, workspace),
      fetch: (url, init) => (call.tool === "web_search" ? searchFetch : guardedFetch)(url, { ...init, signal }),
      recordChange: (change) => parts.recordChange(call, workspace, change),
      settings: config.current.tools.settings[call.tool] ?? {},
      services: createServices(ground, parts, call),
    };
  };
}

/** `host:port` of every search service with an address of its own. */
function searchAuthorities(settings: Readonly<Record<string, unknown>>): string[] {
  return Object.values(settings).flatMap((service) => {
    const baseUrl =
      typeof service === "object" && service !== null && "baseUrl" in service ? service.baseUrl : undefined;
    if (typeof baseUrl !== "string" || !URL.canParse(baseUrl)) return [];
    const url = new URL(baseUrl);
    return [`${url.hostname}:${url.port || (url.protocol === "https:" ? "443" : "80")}`];
  });
}

/**
 * Which folder a workspace is, settled when it is first used. The function throws Refused when another one stands in
 * its place: a link put there would lead every tool somewhere else.
 */
function createIdentities(): (workspace: string) => Promise<string> {
  const known = new Map<string, string>();
  return async (workspace) => {
    const now = await identityOfFolder(workspace);
    const first = known.get(workspace) ?? now;
    known.set(workspace, first);
    if (first === now) return first;
    const hint = "If you replaced it yourself, restart Gatehouse.";
    throw new Refused("FORBIDDEN", `the workspace ${workspace} is not the folder that it was. ${hint}`);
  };
}

function createServices({ database, config, secrets }: Ground, parts: ToolWorldParts, call: GuardedCall): ToolServices {
  const { db } = database;
  // Somebody else than the owner sees the conversation they are in, and no other.
  const maySee = (key: string) => call.requester.isOwner || key === call.sessionKey;
  return {
    async listSessions(limit) {
      const found = await listSessions(db, { limit, offset: 0, agentId: call.agentId });
      const rows = found.rows.filter((row) => maySee(row.key));
      return rows.map((row) => ({
        key: row.key,
        title: row.label ?? row.derived_title ?? row.key,
        updatedAt: row.updated_at,
        messageCount: row.message_count,
      }));
    },
    async readSession(input, limit) {
      const { key, agentId } = parseSessionKey(input, call.agentId);
      const session = agentId === call.agentId && maySee(key) ? await findSession(db, key) : undefined;
      if (!session) return [];
      const { messages } = await readMessages(db, { sessionKey: key, sessionId: session.session_id }, { limit });
      return messages.map((message) => ({ role: message.role, text: textOf(message), timestamp: message.timestamp }));
    },
    readConfig: () => config.redact(config.current),
    async sendMessage({ sessionKey, text }) {
      const session = parseSessionKey(sessionKey, call.agentId);
      const label = `agent:${call.agentId}`;
      const isOnChannel = (await findSession(db, session.key))?.chat != null;
      if (!isOnChannel) return parts.inject(session, text, label);
      return parts.say(session.key, text, { label, idempotencyKey: `${call.runId}:${call.callId}` });
    },
    customTools: parts.customTools,
    secret: (account) => secrets.get(account),
  };
}
