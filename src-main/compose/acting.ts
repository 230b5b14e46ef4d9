/** What may be done, and by whom it is decided and recorded. Part of the assembly. */
import { createToolboxes } from "#main/agent/toolbox.ts";
import type { Guard } from "#main/approvals/contract.ts";
import type { Toolbox } from "#main/agent/loop.ts";
import { Elevations } from "#main/approvals/elevations.ts";
import { Invocations } from "#main/approvals/invocations.ts";
import { Desk } from "#main/approvals/desk.ts";
import { Grants } from "#main/approvals/grants.ts";
import { createLevelGuard } from "#main/approvals/guard.ts";
import { AuditLog } from "#main/audit/log.ts";
import { createAuditSecret, toAuditKey, type AuditKey } from "#main/audit/seal.ts";
import type { DisposableStore } from "#main/base/disposable.ts";
import type { Emitter } from "#main/base/emitter.ts";
import * as paths from "#main/config/paths.ts";
import type { ProviderRegistry } from "#main/providers/registry.ts";
import { ACCOUNTS, type SecretStore } from "#main/secrets/contract.ts";
import { Turns, type TurnEvent } from "#main/sessions/turn.ts";
import type { AnyTool, ToolContext } from "#main/tools/contract.ts";
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
  providers: ProviderRegistry,
  events: Emitter<TurnEvent>,
  store: DisposableStore,
): Promise<Acting> {
  const { clock, secrets, database } = ground;
  const { db } = database;
  const archiveDir = paths.auditDir(options.stateDir);
  const audit = await AuditLog.start({ db, clock, key: await auditKey(secrets), archiveDir });
  const desk = store.add(new Desk({ db, clock }));
  await desk.recover();
  const grants = new Grants({ db, clock });
  const elevations = new Elevations();
  const tools = () => TOOLS;
  const toolboxes = createToolboxes();
  const toolbox = () => toolboxes(tools());
  const guard = createGuard(options, ground);
  const invocations = store.add(new Invocations({ guard, toolbox, clock, log: ground.log }));
  const turns = createTurns(options, ground, { providers, events, guard, toolbox });
  return { turns, desk, grants, audit, elevations, invocations, tools };
}

function createGuard(options: ComposeOptions, { clock, log }: Ground): Guard {
  return createLevelGuard({
    findTool: (name) => TOOLS.find((tool) => tool.name === name),
    createContext: (call, signal) =>
      ({ ...call, workspace: paths.workspaceDir(options.stateDir), clock, log, signal }) as unknown as ToolContext,
  });
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
