/**
 * The owner's way into the running gateway. The lock file of our own state directory names the one address that a
 * credential may be sent to. What a person gave for this call goes first; then the gateway's socket, which only this
 * account can open, so that neither a keychain is unlocked nor a secret sent; then what is kept.
 */
import { statSync } from "node:fs";
import { connect } from "node:net";
import { WebSocket } from "ws";
import { Refused } from "#main/base/errors.ts";
import {
  connectOnce,
  ConnectionLost,
  GatewayError,
  type ClientOptions,
  type GatewayClient,
  type SocketLike,
} from "#main/protocol/client.ts";
import type { ConnectParams } from "#main/protocol/frames.ts";
import { OWNER_SCOPES } from "#main/protocol/scopes.ts";
import type { LockInfo } from "#main/store/lock.ts";
import { keptCredentials, saidCredential, type Credential, type Environment } from "./credentials.ts";
import { isOurs, needRunning } from "./lock-file.ts";

export interface OwnerClientOptions extends Pick<ClientOptions, "onEvent" | "onState" | "onGap"> {
  /** Absolute. */
  stateDir: string;
  env: Environment;
  flags?: { token?: string; configPath?: string };
  /** Where the caller believes the gateway to be: refused when the lock file names another place. */
  url?: string;
  /** Shown in presence. */
  version?: string;
  /** Who asks: a command (when absent), or the app's main process for its tray. */
  as?: "command" | "desktop";
}

/** How one connection is tried. */
interface Attempt {
  lock: LockInfo;
  /** Absent: the gateway's own socket, without a credential. */
  credential?: Credential;
}

/** What was seen of the other side, for words about a failure. */
interface Sighting {
  /** The error below the WebSocket. */
  socketError?: NodeJS.ErrnoException;
  /** True once the challenge came and an answer was made: only then a credential left this process. */
  wasChallenged: boolean;
}

const MAX_PAYLOAD = 32 * 1024 * 1024;
const CONNECT_TIMEOUT_MS = 10_000;
/** Programs of this machine that need no device of their own. */
const COMMAND_CLIENT = { id: "gatehouse-cli", mode: "cli" } as const;
const DESKTOP_CLIENT = { id: "gateway-client", mode: "backend", displayName: "Gatehouse tray" } as const;
/** Refusals of the credential as such: another one may be right. */
const WRONG_CREDENTIAL = /^AUTH_.*_(?:MISMATCH|MISSING)$/;

function toConnectParams(options: OwnerClientOptions, attempt: Attempt): ConnectParams {
  return {
    minProtocol: 4,
    maxProtocol: 4,
    client: {
      ...(options.as === "desktop" ? DESKTOP_CLIENT : COMMAND_CLIENT),
      version: options.version ?? attempt.lock.version,
      platform: process.platform,
    },
    role: "operator",
    scopes: [...OWNER_SCOPES],
    ...(attempt.credential ? { auth: attempt.credential.auth } : {}),
  };
}

function openSocket(url: string, attempt: Attempt, sighting: Sighting): SocketLike {
  const { socketPath } = attempt.lock;
  const viaSocket = attempt.credential === undefined && socketPath !== undefined;
  const socket = new WebSocket(url, {
    perMessageDeflate: false,
    maxPayload: MAX_PAYLOAD,
    handshakeTimeout: CONNECT_TIMEOUT_MS,
    followRedirects: false,
    ...(viaSocket ? { createConnection: () => connect(socketPath) } : {}),
  });
  socket.on("error", (error) => {
    sighting.socketError = error;
  });
  return socket;
}

/** Words for a connection that did not come about. */
function explainLoss(error: ConnectionLost, attempt: Attempt, sighting: Sighting): Refused {
  const { url, pid } = attempt.lock;
  const refuse = (message: string) => new Refused("UNREACHABLE", message, { cause: error });
  if (sighting.socketError?.code === "ECONNREFUSED" || sighting.socketError?.code === "ENOENT") {
    return refuse(`process ${pid} should answer at ${url}, but nothing does; it may just be starting`);
  }
  if (!sighting.wasChallenged) {
    const why = sighting.socketError?.message ?? error.message;
    return refuse(`what answers at ${url} is not our gateway (${why}); no credential was sent`);
  }
  return refuse(`the gateway at ${url} hung up: ${error.message}`);
}

function detailCode(error: GatewayError): string {
  const { details } = error;
  return typeof details === "object" && details !== null && "code" in details ? String(details.code) : "";
}

function explainRefusal(error: GatewayError, attempt: Attempt): Refused {
  const shown = attempt.credential ? ` to the credential from ${attempt.credential.source}` : "";
  const more = error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs };
  const said = `the gateway at ${attempt.lock.url} said no${shown}: ${error.message}`;
  return new Refused(error.code, said, { ...more, cause: error, details: { code: detailCode(error) } });
}

/** One connection. Throws Refused; the details' code tells a wrong credential from other refusals. */
async function connectBy(options: OwnerClientOptions, attempt: Attempt): Promise<GatewayClient> {
  const sighting: Sighting = { wasChallenged: false };
  const url = `${attempt.lock.url.replace(/^http/, "ws").replace(/\/$/, "")}/`;
  try {
    return await connectOnce({
      url: () => url,
      open: (address) => openSocket(address, attempt, sighting),
      connectParams() {
        sighting.wasChallenged = true;
        return toConnectParams(options, attempt);
      },
      ...(options.onEvent ? { onEvent: options.onEvent } : {}),
      ...(options.onState ? { onState: options.onState } : {}),
      ...(options.onGap ? { onGap: options.onGap } : {}),
    });
  } catch (error) {
    if (error instanceof GatewayError) throw explainRefusal(error, attempt);
    if (error instanceof ConnectionLost) throw explainLoss(error, attempt, sighting);
    throw error;
  }
}

/** The gateway's own socket, when there is one and it is this account's. A pipe of Windows has no file to ask. */
function hasOwnSocket(lock: LockInfo): boolean {
  if (lock.socketPath === undefined) return false;
  if (process.platform === "win32") return true;
  try {
    const file = statSync(lock.socketPath);
    return file.isSocket() && isOurs(file);
  } catch {
    return false;
  }
}

/** True when another credential may do better. */
function isWrongCredential(error: unknown): boolean {
  return error instanceof Refused && WRONG_CREDENTIAL.test(String(error.details?.["code"] ?? ""));
}

/**
 * Connects as the owner, with all scopes, without a device.
 * Throws Refused: `NOT_RUNNING`, `UNREACHABLE`, `NO_CREDENTIAL`, `WRONG_ADDRESS`, or the gateway's own code.
 */
export async function openOwnerClient(options: OwnerClientOptions): Promise<GatewayClient> {
  const { stateDir, env, flags = {}, url } = options;
  const lock = needRunning(stateDir);
  if (url !== undefined && new URL(url).host !== new URL(lock.url).host) {
    throw new Refused("WRONG_ADDRESS", `the gateway of ${stateDir} is at ${lock.url}, not at ${url}; nothing was sent`);
  }
  const said = saidCredential(flags.token, env);
  if (said) return connectBy(options, { lock, credential: said });
  let refusal: unknown;
  if (hasOwnSocket(lock)) {
    try {
      return await connectBy(options, { lock });
    } catch (error) {
      refusal = error;
    }
  }
  for await (const credential of keptCredentials(stateDir, flags.configPath, env)) {
    try {
      return await connectBy(options, { lock, credential });
    } catch (error) {
      if (!isWrongCredential(error)) throw error;
      refusal = error;
    }
  }
  if (refusal !== undefined) throw refusal;
  throw new Refused(
    "NO_CREDENTIAL",
    `the gateway at ${lock.url} wants its token: give it with --token or GATEHOUSE_GATEWAY_TOKEN`,
  );
}
