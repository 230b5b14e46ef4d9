/** What stands on the ground: who may connect, who answers, what may be done. Part of the assembly. */
import type { DisposableStore } from "#main/base/disposable.ts";
import { Emitter } from "#main/base/emitter.ts";
import { logFilePath } from "#main/base/log-file.ts";
import * as paths from "#main/config/paths.ts";
import { Broadcast } from "#main/gateway/broadcast.ts";
import type { Connection } from "#main/gateway/connection.ts";
import { EventLoopMeter } from "#main/gateway/event-loop.ts";
import { startGateway, type RunningServer } from "#main/gateway/gateway.ts";
import { TurnWire } from "#main/gateway/turn-wire.ts";
import type { AuthDeps } from "#main/identity/authorize.ts";
import { BootstrapCodes } from "#main/identity/bootstrap-codes.ts";
import { Devices } from "#main/identity/devices.ts";
import { ownGatewayToken, toSharedSecret } from "#main/identity/gateway-token.ts";
import { Lockout } from "#main/identity/lockout.ts";
import { ModelCatalogue } from "#main/providers/catalogue.ts";
import { PROVIDER_KINDS } from "#main/providers/index.ts";
import { ProviderRegistry } from "#main/providers/registry.ts";
import type { Message } from "#main/protocol/messages.ts";
import { createInbox } from "#main/routing/inbox.ts";
import { createInject } from "#main/routing/inject.ts";
import { createReply } from "#main/routing/reply.ts";
import { recoverRuns } from "#main/sessions/recover.ts";
import type { Turns } from "#main/sessions/turn.ts";
import { type TurnEvent } from "#main/sessions/turn.ts";
import type { Outbox } from "#main/routing/outgoing/outbox.ts";
import { createActing } from "./acting.ts";
import { createInward, createOutward } from "./channels.ts";
import { toProblems, toUrl, type ComposeOptions, type Ground } from "./ground.ts";

/** What stands on the ground: who may connect, who answers, what is said. */
export interface Rooms {
  turns: Turns;
  codes: BootstrapCodes;
  providers: ProviderRegistry;
  server: RunningServer;
  events: Emitter<TurnEvent>;
  outbox: Outbox;
}

export async function furnish(options: ComposeOptions, ground: Ground, store: DisposableStore): Promise<Rooms> {
  const { clock, log, config, secrets, database, http } = ground;
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
      call: http.call,
      clock,
      log,
      random: Math.random,
    }),
  );
  const catalogue = new ModelCatalogue({ registry: providers, clock, fetch: globalThis.fetch });
  const onCommitted = (sessionKey: string, message: Message, created: boolean) => {
    if (created) broadcast.sendSessionsChanged({ sessionKey, reason: "created" });
    broadcast.sendMessage({ sessionKey, message });
  };
  const inject = createInject({ db, clock, onCommitted });
  const reply = createReply({ db, clock, onCommitted });
  const outward = await createOutward(options, ground, store);
  const acting = await createActing(options, ground, { providers, events, inject, outward }, store);
  const { turns } = acting;
  const inward = createInward(
    options,
    ground,
    {
      ...{ outward, acting, events, onCommitted },
      defaultModel: () => providers.defaultRef,
      onReset: (sessionKey) => broadcast.sendSessionsChanged({ sessionKey, reason: "reset" }),
    },
    store,
  );
  const receive = createInbox({ db, clock, turns, flush: () => ground.database.flush(), onCommitted });
  const identity = await createIdentity(ground);
  const { codes } = identity;
  const recovered = await recoverRuns({ db, clock, log, onCut: acting.recordCut, leave: outward.replies });
  let port = 0;
  const server = await startGateway({
    ...{ db, clock, log, config, secrets, providers, catalogue, receive, inject, reply, broadcast, connections },
    ...acting,
    ...identity,
    ...{ channels: outward.channels, outbox: outward.outbox, people: outward.people },
    ...{ byHand: inward.byHand, answerCommand: inward.answerCommand, arrivals: inward.arrivals },
    ring: ground.ring,
    env: options.env,
    rendererDir: options.rendererDir,
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
  // Before any run adds to it: what waits to leave goes first.
  await outward.outbox.recover();
  for (const run of recovered) turns.enqueue(run);
  // After the runs that were cut: what waits behind them keeps its order.
  await inward.open();
  return { turns, codes, providers, server, events, outbox: outward.outbox };
}

/** Who may connect. */
async function createIdentity({ clock, log, config, secrets, database }: Ground) {
  const codes = new BootstrapCodes(clock);
  const devices = new Devices({ db: database.db, clock, limits: () => config.current.gateway.pairing });
  const ownToken = await ownGatewayToken(config.current, secrets);
  log.addSecret(ownToken);
  const auth: AuthDeps = {
    ...{ clock, devices, codes, lockout: new Lockout(clock) },
    shared: () => toSharedSecret(config.current, ownToken),
    autoApproveLocal: () => config.current.gateway.pairing.autoApproveLocal,
  };
  return { codes, devices, auth };
}
