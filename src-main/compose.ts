/**
 * The only assembly: builds the gateway by hand, in order, and returns one thing that stops it. Imports nothing of
 * Electron; the desktop app and `gatehouse serve` call it alike.
 */
import { createToolboxes } from "./agent/toolbox.ts";
import { Desk } from "./approvals/desk.ts";
import { Grants } from "./approvals/grants.ts";
import { createLevelGuard } from "./approvals/guard.ts";
import { writeFileAtomic } from "./base/atomic-file.ts";
import { createSystemClock, type Clock } from "./base/clock.ts";
import { DisposableStore, type Disposable } from "./base/disposable.ts";
import { Emitter } from "./base/emitter.ts";
import { Refused } from "./base/errors.ts";
import { createLogFile, logFilePath } from "./base/log-file.ts";
import { createLogRing, type LogRing } from "./base/log-ring.ts";
import type { Logger, LogLevel } from "./base/logger.ts";
import { createLogger, type RootLogger } from "./base/pino-logger.ts";
import type { ConfigService } from "./config/contract.ts";
import * as paths from "./config/paths.ts";
import { createConfigService } from "./config/service.ts";
import { prepareStateDir } from "./config/state-dir.ts";
import { requireSafeBind } from "./gateway/bind.ts";
import { Broadcast } from "./gateway/broadcast.ts";
import type { Connection } from "./gateway/connection.ts";
import { EventLoopMeter } from "./gateway/event-loop.ts";
import { startGateway, type RunningServer } from "./gateway/gateway.ts";
import { TurnWire } from "./gateway/turn-wire.ts";
import type { AuthDeps } from "./identity/authorize.ts";
import { BootstrapCodes } from "./identity/bootstrap-codes.ts";
import { Devices } from "./identity/devices.ts";
import { ownGatewayToken, toSharedSecret } from "./identity/gateway-token.ts";
import { Lockout } from "./identity/lockout.ts";
import { OWNER_SCOPES } from "./protocol/scopes.ts";
import { ModelCatalogue } from "./providers/catalogue.ts";
import { PROVIDER_KINDS } from "./providers/index.ts";
import { ProviderRegistry } from "./providers/registry.ts";
import { createInbox } from "./routing/inbox.ts";
import type { SecretStore } from "./secrets/contract.ts";
import { openSecrets } from "./secrets/open.ts";
import { recoverRuns } from "./sessions/recover.ts";
import { Turns, type TurnEvent } from "./sessions/turn.ts";
import { openDatabase, type OpenedDatabase } from "./store/database.ts";
import { acquireLock } from "./store/lock.ts";
import { pruneRuns } from "./store/runs.ts";
import { purgeDeletedSessions } from "./store/sessions.ts";
import type { ToolContext } from "./tools/contract.ts";
import { TOOLS } from "./tools/index.ts";

export interface ComposeOptions {
  /** Absolute. Made when missing. */
  stateDir: string;
  /** Absolute; absent: looked for in the state directory. */
  configPath?: string;
  env: Record<string, string | undefined>;
  flags: { port?: number; host?: string; token?: string; level?: string; json?: boolean };
  /** Absolute path of the built renderer, served as web chat. */
  rendererDir: string;
  version: string;
  onLogLine?: (line: string) => void;
}

/** A running gateway. */
export interface Gateway {
  /** `http://127.0.0.1:PORT` */
  url: string;
  port: number;
  log: Logger;
  /** A one-time code that pairs the owner's next window: two minutes, single use. */
  createBootstrapCode(): { code: string; expiresAtMs: number };
  readonly activity: { running: number; connected: number };
  onActivity(listener: () => void): Disposable;
  /** Settles when the gateway has closed, whoever asked for it. */
  closing: Promise<void>;
  /** Tells clients, lets running turns finish for a moment, closes. A second call waits for the first. */
  stop(reason: string): Promise<void>;
}

/** Running turns get this long to finish when the gateway stops; a restart answers the rest. */
const DRAIN_MS = 3000;
const HOUSEKEEPING_MS = 6 * 60 * 60 * 1000;
const KEEP_DELETED_MS = 30 * 86_400_000;
/** A larger database is not copied at each stop. */
const BACKUP_AT_STOP_BYTES = 256 * 1024 * 1024;

/**
 * Starts a gateway. Throws Refused: `LOCKED` with `{pid, url}` when one runs for this state directory, `PORT_IN_USE`,
 * `READ_ONLY`, `DISK_FULL`, `DB_NEWER`, `INSECURE_BIND`, each with what to do. Nothing is left running then.
 */
export async function compose(options: ComposeOptions): Promise<Gateway> {
  const store = new DisposableStore();
  try {
    return await assemble(options, store);
  } catch (error) {
    await store.dispose();
    throw error;
  }
}

/** What stands on the ground: log, lock, configuration, secrets, database. */
interface Ground {
  clock: Clock;
  ring: LogRing;
  log: RootLogger;
  config: ConfigService;
  secrets: SecretStore;
  database: OpenedDatabase;
  startedAtMs: number;
}

async function assemble(options: ComposeOptions, store: DisposableStore): Promise<Gateway> {
  const ground = await layGround(options, store);
  const rooms = await furnish(options, ground, store);
  const { log, clock, database } = ground;
  const { server } = rooms;
  const url = toUrl(ground.config, server.port);
  const socket = server.socketPath === undefined ? {} : { socketPath: server.socketPath };
  const info = { pid: process.pid, url, ...socket, startedAtMs: clock.now(), version: options.version };
  await writeFileAtomic(paths.lockPath(options.stateDir), `${JSON.stringify(info)}\n`);
  store.add(clock.every(HOUSEKEEPING_MS, () => void keepHouse(database, clock, log)));
  log.info("gateway ready", { url, model: rooms.providers.defaultRef });
  return toGateway(url, ground, rooms, store);
}

async function layGround(options: ComposeOptions, store: DisposableStore): Promise<Ground> {
  const { stateDir, env } = options;
  const clock = createSystemClock();
  const startedAtMs = clock.now();
  const ring = createLogRing();
  const log = startLog(options, clock, ring, store);
  const folder = await prepareStateDir(stateDir, log);
  if (!folder.writable) throw new Refused("READ_ONLY", folder.problem ?? `${stateDir} cannot be written`);
  const lock = acquireLock(paths.lockPath(stateDir));
  store.defer(() => lock.dispose());
  const flags = toConfigFlags(options.flags);
  const config = await createConfigService({ stateDir, path: options.configPath, env, flags, log, clock, watch: true });
  store.defer(() => config.dispose());
  applyLogSettings(log, config, options);
  requireSafeBind(config.current);
  const open = { path: paths.dbPath(stateDir), backupsDir: paths.backupsDir(stateDir), clock, log };
  const [secrets, database] = await Promise.all([
    openSecrets({ backend: config.current.secrets.backend, stateDir, env, log, clock }),
    openDatabase({ ...open, wasUnclean: lock.wasUnclean }).then((opened) => {
      store.defer(() => opened.close());
      return opened;
    }),
  ]);
  for (const account of secrets.accounts()) log.addSecret(secrets.get(account) ?? "");
  return { clock, ring, log, config, secrets, database, startedAtMs };
}

/** What stands on the ground: who may connect, who answers, what is said. */
interface Rooms {
  turns: Turns;
  codes: BootstrapCodes;
  providers: ProviderRegistry;
  server: RunningServer;
  events: Emitter<TurnEvent>;
}

async function furnish(options: ComposeOptions, ground: Ground, store: DisposableStore): Promise<Rooms> {
  const { clock, log, config, secrets, database } = ground;
  const { db } = database;
  const connections = new Set<Connection>();
  const broadcast = new Broadcast(connections);
  const events = new Emitter<TurnEvent>();
  const wire = new TurnWire(clock, broadcast);
  store.add(events.on((event) => wire.take(event)));
  const providers = store.add(
    new ProviderRegistry({
      kinds: PROVIDER_KINDS,
      config,
      secrets,
      fetch: globalThis.fetch,
      clock,
      log,
      random: Math.random,
    }),
  );
  const catalogue = new ModelCatalogue({ registry: providers, clock, fetch: globalThis.fetch });
  const turns = createTurns(options, ground, providers, events);
  const receive = createInbox({
    db,
    clock,
    turns,
    onCommitted(sessionKey, message, created) {
      if (created) broadcast.sendSessionsChanged({ sessionKey, reason: "created" });
      broadcast.sendMessage({ sessionKey, message });
    },
  });
  const codes = new BootstrapCodes(clock);
  const devices = new Devices({ db, clock, limits: () => config.current.gateway.pairing });
  const ownToken = await ownGatewayToken(config.current, secrets);
  log.addSecret(ownToken);
  const auth: AuthDeps = {
    ...{ clock, devices, codes, lockout: new Lockout(clock) },
    shared: () => toSharedSecret(config.current, ownToken),
    autoApproveLocal: () => config.current.gateway.pairing.autoApproveLocal,
  };
  const desk = new Desk({ db, clock });
  const grants = new Grants({ db, clock });
  await desk.recover();
  store.add(desk);
  const recovered = await recoverRuns({ db, clock, log });
  let port = 0;
  const server = await startGateway({
    ...{
      db,
      clock,
      log,
      ring: ground.ring,
      config,
      secrets,
      providers,
      catalogue,
      turns,
      receive,
      devices,
      desk,
      grants,
      codes,
      broadcast,
    },
    ...{ auth, connections, env: options.env, rendererDir: options.rendererDir },
    meter: store.add(new EventLoopMeter()),
    completions: { db, clock, providers, turns, receive, events },
    socketPath: process.platform === "win32" ? undefined : paths.socketPath(options.stateDir),
    facts: {
      version: options.version,
      stateDir: options.stateDir,
      startedAtMs: ground.startedAtMs,
      url: () => toUrl(config, port),
      problems: () => toProblems(ground),
      logFile: logFilePath(paths.logsDir(options.stateDir)),
    },
  });
  port = server.port;
  store.add(server);
  for (const run of recovered) turns.enqueue(run);
  return { turns, codes, providers, server, events };
}

function createTurns(
  options: ComposeOptions,
  ground: Ground,
  providers: ProviderRegistry,
  events: Emitter<TurnEvent>,
): Turns {
  const { clock, log, config, database } = ground;
  const toolboxes = createToolboxes();
  const agentOf = (agentId: string) => config.current.agents[agentId];
  return new Turns({
    db: database.db,
    clock,
    log,
    guard: createLevelGuard({
      findTool: (name) => TOOLS.find((tool) => tool.name === name),
      createContext: (call, signal) =>
        ({ ...call, workspace: paths.workspaceDir(options.stateDir), clock, log, signal }) as unknown as ToolContext,
    }),
    toolbox: () => toolboxes(TOOLS),
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

function toUrl(config: ConfigService, port: number): string {
  const { host } = config.current.gateway;
  const shown = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
  return `http://${shown.includes(":") ? `[${shown}]` : shown}:${port}`;
}

function toProblems({ database, config, secrets }: Ground): string[] {
  return [
    ...database.problems,
    ...config.state.issues.map((issue) => issue.message),
    ...(secrets.problem === undefined ? [] : [secrets.problem]),
  ];
}

function startLog(options: ComposeOptions, clock: Clock, ring: LogRing, store: DisposableStore): RootLogger {
  const { onLogLine } = options;
  const file = store.add(createLogFile({ path: logFilePath(paths.logsDir(options.stateDir)) }));
  return createLogger({
    level: "info",
    format: options.flags.json === true ? "json" : "pretty",
    clock,
    ring,
    write(line) {
      file.write(line);
      onLogLine?.(line);
    },
  });
}

function toConfigFlags(flags: ComposeOptions["flags"]): Record<string, unknown> {
  const named = {
    "gateway.port": flags.port,
    "gateway.host": flags.host,
    "gateway.auth.token": flags.token,
    "logging.level": flags.level,
  };
  return Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined));
}

function applyLogSettings(log: RootLogger, config: ConfigService, options: ComposeOptions): void {
  const apply = () => {
    const { level, format } = config.current.logging;
    log.configure({ level: level as LogLevel, format: options.flags.json === true ? "json" : format });
    const { token, password } = config.current.gateway.auth;
    const keys = Object.values(config.current.llm.providers).map((provider) => provider.apiKey);
    for (const secret of [token, password, ...keys]) if (secret !== undefined && secret !== "") log.addSecret(secret);
  };
  apply();
  config.onChange(apply);
}

async function keepHouse(database: OpenedDatabase, clock: Clock, log: Logger): Promise<void> {
  try {
    await purgeDeletedSessions(database.db, clock.now() - KEEP_DELETED_MS);
    await pruneRuns(database.db, clock.now());
  } catch (error) {
    log.warn("housekeeping failed", { error });
  }
}

function toGateway(url: string, ground: Ground, rooms: Rooms, store: DisposableStore): Gateway {
  const { log, database } = ground;
  const { turns, codes, server, events } = rooms;
  let hasChanged = false;
  store.add(
    events.on(() => {
      hasChanged = true;
    }),
  );
  let close: () => void = () => {};
  const closing = new Promise<void>((resolve) => {
    close = resolve;
  });
  const shutDown = async (reason: string) => {
    log.info("gateway stopping", { reason });
    server.announceShutdown(reason);
    await turns.stop(DRAIN_MS);
    server.closeAll();
    if (hasChanged && database.size() <= BACKUP_AT_STOP_BYTES) {
      await database.backup("stop").catch((error: unknown) => log.warn("no backup at stop", { error }));
    }
    await store.dispose();
    close();
  };
  let stopping: Promise<void> | undefined;
  return {
    url,
    port: server.port,
    log,
    createBootstrapCode: () => codes.create(OWNER_SCOPES),
    get activity() {
      return { running: turns.counts.running, connected: server.connected };
    },
    onActivity(listener) {
      const parts = [server.onConnections(listener), events.on(listener)];
      return { dispose: () => void parts.map((part) => part.dispose()) };
    },
    closing,
    stop(reason) {
      stopping ??= shutDown(reason);
      return stopping;
    },
  };
}
