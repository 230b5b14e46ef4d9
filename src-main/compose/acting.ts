/** What may be done, and by whom it is decided and recorded. Part of the assembly. */
import { createToolboxes } from "#main/agent/toolbox.ts";
import type { Guard } from "#main/approvals/contract.ts";
import type { Toolbox } from "#main/agent/loop.ts";
import { INTERRUPTED } from "#main/agent/prompt.ts";
import { Elevations } from "#main/approvals/elevations.ts";
import { Invocations } from "#main/approvals/invocations.ts";
import { Desk } from "#main/approvals/desk.ts";
import { Grants } from "#main/approvals/grants.ts";
import { createGate } from "#main/approvals/gate.ts";
import { isDenied, toPolicyRules } from "#main/approvals/policy.ts";
import { createCommandRunner } from "#main/base/run-command.ts";
import type { Inject } from "#main/routing/inject.ts";
import { CustomTools } from "#main/tools/custom-tools.ts";
import { createSecretCutter } from "./own-secrets.ts";
import { createToolWorld } from "./tool-world.ts";
import { AuditLog } from "#main/audit/log.ts";
import { createAuditSecret, toAuditKey, type AuditKey } from "#main/audit/seal.ts";
import type { DisposableStore } from "#main/base/disposable.ts";
import type { Emitter } from "#main/base/emitter.ts";
import * as paths from "#main/config/paths.ts";
import type { ProviderRegistry } from "#main/providers/registry.ts";
import { ACCOUNTS, type SecretStore } from "#main/secrets/contract.ts";
import { keyFilePath, secretsFilePath } from "#main/secrets/encrypted-file.ts";
import type { SandboxSettings } from "#main/sandbox/contract.ts";
import { SANDBOX_ADAPTERS } from "#main/sandbox/index.ts";
import { SandboxKeeper } from "#main/sandbox/keeper.ts";
import { createChanges, type Changes } from "#main/sessions/changes.ts";
import { BudgetKeeper } from "#main/sessions/budget.ts";
import { Turns, type TurnEvent } from "#main/sessions/turn.ts";
import type { AnyTool, CustomTool, ToolGroup } from "#main/tools/contract.ts";
import { createTools, toCustomTool } from "#main/tools/index.ts";
import type { SettledApprovals } from "#main/store/approvals.ts";
import type { Outward } from "./channels.ts";
import type { ComposeOptions, Ground } from "./ground.ts";

export interface Acting {
  /** Approvals that the end of the last process ended. */
  cutQuestions: readonly { id: string }[];
  turns: Turns;
  desk: Desk;
  grants: Grants;
  audit: AuditLog;
  elevations: Elevations;
  invocations: Invocations;
  tools(): readonly AnyTool[];
  changes: Changes;
  sandbox: SandboxKeeper;
  /** Records a call of a turn that a crash cut. */
  recordCut(call: { runId: string; callId: string; tool: string; sessionKey: string }): Promise<void>;
}

export async function createActing(
  options: ComposeOptions,
  ground: Ground,
  parts: { providers: ProviderRegistry; events: Emitter<TurnEvent>; inject: Inject; outward: Outward },
  store: DisposableStore,
): Promise<Acting> {
  const { providers, events, inject, outward } = parts;
  const { clock, secrets, database } = ground;
  const { db } = database;
  const { config, log } = ground;
  const closed = protectedPaths(options, ground);
  const runner = store.add(createCommandRunner({ clock, log }));
  const sandbox = store.add(
    new SandboxKeeper({
      adapters: SANDBOX_ADAPTERS,
      platform: process.platform,
      context: {
        dataDir: paths.sandboxDir(options.stateDir),
        clock,
        log,
        runner,
        protectedPaths: closed,
        env: options.env,
      },
      settings: () => config.current.sandbox as SandboxSettings,
    }),
  );
  const archiveDir = paths.auditDir(options.stateDir);
  const audit = await AuditLog.start({ db, clock, key: await auditKey(secrets), archiveDir, redact: log.redact });
  const desk = store.add(new Desk({ db, clock }));
  const settled = await desk.recover();
  await recordSettled(audit, settled);
  const grants = new Grants({ db, clock });
  const elevations = new Elevations();
  const customTools = await CustomTools.open(paths.customToolsPath(options.stateDir), log);
  const toolbox = createToolboxes();
  const tools = createToolList(customTools);
  const changes = store.add(createChanges({ db, clock, log, protectedPaths: closed }));
  const guard = createGate({
    ...{ clock, desk, grants, audit },
    findTool: (name) => tools().find((tool) => tool.name === name),
    createContext: createToolWorld(options, ground, {
      inject,
      say: outward.say,
      customTools,
      protectedPaths: closed,
      commandsFor: ({ sessionKey, agentId }, workspace) => sandbox.runnerFor({ sessionKey, agentId, workspace }),
      recordChange: ({ sessionKey, runId, callId, tool }, workspace, change) =>
        changes.record({ sessionKey, runId, callId, tool, workspace }, change),
    }),
    config: () => config.current,
    isElevated: (key) => elevations.has(key),
    host: ({ tool }) => toHost(tools().find((one) => one.name === tool)?.group, sandbox.label),
    cutSecrets: createSecretCutter(ground),
  });
  const invocations = store.add(new Invocations({ guard, toolbox: () => toolbox(tools()), clock, log }));
  const budget = new BudgetKeeper({
    ...{ db, clock, desk, audit },
    limits: () => config.current.budgets,
    timeoutMs: () => config.current.tools.approvals.timeoutSeconds * 1000,
  });
  const turns = createTurns(options, ground, {
    providers,
    events,
    guard,
    budget,
    tools,
    outward,
    toolbox: () => toolbox(tools()),
  });
  const recordCut: Acting["recordCut"] = async ({ runId, callId, tool, sessionKey }) => {
    const all = [...settled.expired, ...settled.notStarted, ...settled.unknown];
    if (all.some((row) => row.run_id === runId && row.call_id === callId)) return;
    const rest = { level: "warning" as const, actor: "system", target: tool, sessionKey, correlationId: runId };
    await audit.append({ type: "tool.failed", message: `${tool}: ${INTERRUPTED}`, ...rest });
  };
  const cutQuestions = [...settled.expired, ...settled.notStarted, ...settled.unknown];
  return { cutQuestions, turns, desk, grants, audit, elevations, invocations, tools, changes, sandbox, recordCut };
}

/** What a restart found open belongs in the record too: nobody else will say how it ended. */
async function recordSettled(audit: AuditLog, { expired, notStarted, unknown }: SettledApprovals): Promise<void> {
  const ended = [
    ...expired.map((row) => ({ row, type: "approval.expired" as const, what: "the gateway was started anew" })),
    ...notStarted.map((row) => ({ row, type: "tool.denied" as const, what: "not started: the gateway was stopped" })),
    ...unknown.map((row) => ({ row, type: "tool.failed" as const, what: INTERRUPTED })),
  ];
  for (const { row, type, what } of ended) {
    await audit.append({
      ...{ type, level: "warning", actor: "system", target: row.tool, sessionKey: row.session_key },
      ...{ correlationId: row.run_id, message: `${row.tool}: ${what}`, data: { id: row.id, digest: row.digest } },
    });
  }
}

/** The built-in tools and those that the model wrote, each made once, so that its validator is compiled once. */
function createToolList(custom: CustomTools): () => readonly AnyTool[] {
  const builtIn = createTools();
  const made = new WeakMap<CustomTool, AnyTool>();
  return () => [
    ...builtIn,
    ...custom.list().map((one) => {
      const tool = made.get(one) ?? toCustomTool(one);
      made.set(one, tool);
      return tool;
    }),
  ];
}

/** Where a call works, and what holds it there: the walls are around programs, files have the workspace. */
function toHost(group: ToolGroup | undefined, walls: string): string {
  if (group === "runtime" && walls !== "") return `this computer · ${walls}`;
  return group === "fs" ? "this computer · only in the workspace" : "this computer";
}

/** What no tool and no command may see: our own configuration, data and record, wherever the workspace is. */
function protectedPaths(options: ComposeOptions, ground: Ground): readonly string[] {
  const { stateDir } = options;
  return [
    ground.config.state.path,
    // The database's own journals hold what was written last.
    ...["", "-wal", "-shm", "-journal"].map((end) => paths.dbPath(stateDir) + end),
    ...[secretsFilePath(stateDir), keyFilePath(stateDir)],
    ...[paths.backupsDir(stateDir), paths.auditDir(stateDir), paths.logsDir(stateDir)],
    ...[
      paths.lockPath(stateDir),
      paths.socketPath(stateDir),
      paths.customToolsPath(stateDir),
      paths.sandboxDir(stateDir),
    ],
  ];
}

function createTurns(
  options: ComposeOptions,
  ground: Ground,
  parts: {
    providers: ProviderRegistry;
    events: Emitter<TurnEvent>;
    guard: Guard;
    budget: BudgetKeeper;
    outward: Outward;
    tools: () => readonly AnyTool[];
    toolbox: () => Toolbox;
  },
): Turns {
  const { clock, log, config, database } = ground;
  const { providers, events, guard, budget, outward, tools, toolbox } = parts;
  const agentOf = (agentId: string) => config.current.agents[agentId];
  return new Turns({
    ...{ db: database.db, clock, log, guard, budget, toolbox, leave: outward.replies, steer: outward.steer },
    chooseModel: (choice) => providers.choose({ ...choice, agent: agentOf(choice.agentId)?.model }),
    denials({ agentId, options: { requester } }) {
      const rules = toPolicyRules(config.current, agentId, requester);
      const groups = new Map(tools().map(({ name, group }) => [name, group]));
      return (tool) => isDenied({ tool, group: groups.get(tool), agentId, requester }, rules);
    },
    agent(agentId) {
      const agent = agentOf(agentId);
      const workspace = agent?.workspace ?? paths.workspaceDir(options.stateDir);
      return { name: agent?.name ?? "Gatehouse", system: agent?.system, workspace };
    },
    settings: () => ({
      contextTokens: config.current.sessions.contextTokens,
      thinking: config.current.llm.thinking ?? "off",
      maxTurns: config.current.budgets.maxTurns,
      turnSeconds: config.current.budgets.turnSeconds,
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
