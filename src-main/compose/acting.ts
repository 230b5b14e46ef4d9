/** What may be done, and by whom it is decided and recorded. Part of the assembly. */
import { createToolboxes } from "#main/agent/toolbox.ts";
import type { Guard } from "#main/approvals/contract.ts";
import type { Toolbox } from "#main/agent/loop.ts";
import { Elevations } from "#main/approvals/elevations.ts";
import { Invocations } from "#main/approvals/invocations.ts";
import { Desk } from "#main/approvals/desk.ts";
import { Grants } from "#main/approvals/grants.ts";
import { createGate } from "#main/approvals/gate.ts";
import { fence } from "#main/agent/untrusted.ts";
import { createCommandRunner } from "#main/base/run-command.ts";
import { createId } from "#main/base/ids.ts";
import type { Inject } from "#main/routing/inject.ts";
import { CustomTools } from "#main/tools/custom-tools.ts";
import { createToolWorld } from "./tool-world.ts";
import { AuditLog } from "#main/audit/log.ts";
import { createAuditSecret, toAuditKey, type AuditKey } from "#main/audit/seal.ts";
import type { DisposableStore } from "#main/base/disposable.ts";
import type { Emitter } from "#main/base/emitter.ts";
import * as paths from "#main/config/paths.ts";
import type { ProviderRegistry } from "#main/providers/registry.ts";
import { ACCOUNTS, type SecretStore } from "#main/secrets/contract.ts";
import { Turns, type TurnEvent } from "#main/sessions/turn.ts";
import type { AnyTool } from "#main/tools/contract.ts";
import { TOOLS } from "#main/tools/index.ts";
import type { ComposeOptions, Ground } from "./ground.ts";

export interface Acting {
  turns: Turns;
  desk: Desk;
  grants: Grants;
  audit: AuditLog;
  elevations: Elevations;
  invocations: Invocations;
  tools(): readonly AnyTool[];
}

export async function createActing(
  options: ComposeOptions,
  ground: Ground,
  parts: { providers: ProviderRegistry; events: Emitter<TurnEvent>; inject: Inject },
  store: DisposableStore,
): Promise<Acting> {
  const { providers, events, inject } = parts;
  const { clock, secrets, database } = ground;
  const { db } = database;
  const commands = store.add(createCommandRunner({ clock, log: ground.log }));
  const archiveDir = paths.auditDir(options.stateDir);
  const audit = await AuditLog.start({ db, clock, key: await auditKey(secrets), archiveDir });
  const desk = store.add(new Desk({ db, clock }));
  await desk.recover();
  const grants = new Grants({ db, clock });
  const elevations = new Elevations();
  const customTools = await CustomTools.open(paths.customToolsPath(options.stateDir), ground.log);
  const toolbox = createToolboxes();
  const tools = () => TOOLS;
  const guard = createGate({
    ...{ clock, desk, grants, audit },
    findTool: (name) => tools().find((tool) => tool.name === name),
    createContext: createToolWorld(options, ground, {
      inject,
      customTools,
      commandsFor: () => commands,
      recordChange: async () => {},
    }),
    config: () => ground.config.current,
    isElevated: (key) => elevations.has(key),
    host: () => "this computer",
    fence: (text, source) => fence(text, { source, id: createId("ext") }),
  });
  const invocations = store.add(new Invocations({ guard, toolbox: () => toolbox(tools()), clock, log: ground.log }));
  const turns = createTurns(options, ground, { providers, events, guard, toolbox: () => toolbox(tools()) });
  return { turns, desk, grants, audit, elevations, invocations, tools };
}

function createTurns(
  options: ComposeOptions,
  ground: Ground,
  parts: { providers: ProviderRegistry; events: Emitter<TurnEvent>; guard: Guard; toolbox: () => Toolbox },
): Turns {
  const { clock, log, config, database } = ground;
  const { providers, events, guard, toolbox } = parts;
  const agentOf = (agentId: string) => config.current.agents[agentId];
  return new Turns({
    ...{ db: database.db, clock, log, guard, toolbox },
    chooseModel: (choice) => providers.choose({ ...choice, agent: agentOf(choice.agentId)?.model }),
    agent(agentId) {
      const agent = agentOf(agentId);
      const workspace = agent?.workspace ?? paths.workspaceDir(options.stateDir);
      return { name: agent?.name ?? "Gatehouse", system: agent?.system, workspace };
    },
    settings: () => ({
      contextTokens: config.current.sessions.contextTokens,
      thinking: config.current.llm.thinking ?? "off",
    }),
    observe: (event) => events.emit(event),
  });
}

/** The key of the record, made at the first start. Without a place to keep it values stay in the open, and that is said. */
async function auditKey(secrets: SecretStore): Promise<AuditKey | undefined> {
  const kept = secrets.get(ACCOUNTS.auditKey);
  if (kept !== undefined) return toAuditKey(kept);
  if (!secrets.canStore) return undefined;
  const made = createAuditSecret();
  await secrets.set(ACCOUNTS.auditKey, made);
  return toAuditKey(made);
}
