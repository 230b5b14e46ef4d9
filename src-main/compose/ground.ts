/** What stands on the ground: log, lock, configuration, secrets, database. Part of the assembly. */
import { createSystemClock, type Clock } from "#main/base/clock.ts";
import type { DisposableStore } from "#main/base/disposable.ts";
import { createHttpClient, type HttpClient } from "#main/base/http/client.ts";
import { Refused } from "#main/base/errors.ts";
import { createLogFile, logFilePath } from "#main/base/log-file.ts";
import { createLogRing, type LogRing } from "#main/base/log-ring.ts";
import type { LogLevel } from "#main/base/logger.ts";
import { createLogger, type RootLogger } from "#main/base/pino-logger.ts";
import type { ConfigService } from "#main/config/contract.ts";
import * as paths from "#main/config/paths.ts";
import { secretsIn } from "#main/config/redact.ts";
import { createConfigService } from "#main/config/service.ts";
import type { GatewayStart } from "#main/cli/command.ts";
import { prepareStateDir } from "#main/config/state-dir.ts";
import { requireSafeBind } from "#main/gateway/bind.ts";
import { type SecretStore } from "#main/secrets/contract.ts";
import { openSecrets } from "#main/secrets/open.ts";
import { openDatabase, type OpenedDatabase } from "#main/store/database.ts";
import { acquireLock } from "#main/store/lock.ts";

export type ComposeOptions = GatewayStart;
/** What stands on the ground: log, lock, configuration, secrets, database. */
export interface Ground {
  clock: Clock;
  ring: LogRing;
  log: RootLogger;
  config: ConfigService;
  secrets: SecretStore;
  database: OpenedDatabase;
  http: HttpClient;
  startedAtMs: number;
}
export async function layGround(options: ComposeOptions, store: DisposableStore): Promise<Ground> {
  const { stateDir, env } = options;
  const clock = createSystemClock();
  const startedAtMs = clock.now();
  const ring = createLogRing();
  const log = startLog(options, clock, ring, store);
  const problem = await prepareStateDir(stateDir, log);
  if (problem !== undefined) throw new Refused("READ_ONLY", problem);
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
  const http = store.add(createHttpClient());
  return { clock, ring, log, config, secrets, database, http, startedAtMs };
}
export function toProblems({ database, config, secrets }: Ground): string[] {
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
    const ofChannels = secretsIn({ channels: config.current.channels }).map(({ value }) => value);
    for (const secret of [token, password, ...keys, ...ofChannels])
      if (secret !== undefined && secret !== "") log.addSecret(secret);
  };
  apply();
  config.onChange(apply);
}
export function toUrl(config: ConfigService, port: number): string {
  const { host } = config.current.gateway;
  const shown = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
  return `http://${shown.includes(":") ? `[${shown}]` : shown}:${port}`;
}
