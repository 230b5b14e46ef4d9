/** config.*: the configuration, read with secrets cut out, written with the base it was read from. */
import JSON5 from "json5";
import { Refused, messageOf } from "#main/base/errors.ts";
import { describeConfigSchema } from "#main/config/json-schema.ts";
import type { ConfigChange } from "#main/config/contract.ts";
import type { MethodResult } from "#main/protocol/methods/index.ts";
import { invalid, type HandlersOf } from "../dispatch.ts";
import type { MethodDeps } from "./deps.ts";

/** Writes within a minute, over all clients: a loop that writes the configuration is stopped (CF-05). */
const MAX_WRITES = 30;
const WINDOW_MS = 60_000;
/** No configuration is nested so deeply; whoever walks one must not run out of stack. */
const MAX_DEPTH = 64;

export function createConfigHandlers(deps: MethodDeps): HandlersOf<"config"> {
  const { config } = deps;
  const limitWrite = createWriteLimit(deps);
  return {
    "config.get": () => {
      const { path, exists, hash, written, valid, issues, warnings } = config.state;
      return {
        ...{ path, exists, hash, valid, issues: [...issues], warnings: [...warnings] },
        config: config.redact(written) ?? {},
        resolved: config.redact(config.state.config),
      };
    },
    "config.set": async ({ raw, baseHash }) => {
      limitWrite();
      return toWritten(deps, await config.write(parseRaw(raw), requireBase(deps, baseHash)));
    },
    "config.patch": async ({ raw, baseHash }) => {
      limitWrite();
      return toWritten(deps, await config.patch(parseRaw(raw), requireBase(deps, baseHash)));
    },
    "config.schema": () => ({
      ...describeConfigSchema(),
      version: deps.facts.version,
      generatedAt: new Date(deps.clock.now()).toISOString(),
    }),
  };
}

function createWriteLimit(deps: MethodDeps): () => void {
  const writes: number[] = [];
  return () => {
    const now = deps.clock.monotonic();
    while (writes[0] !== undefined && writes[0] <= now - WINDOW_MS) writes.shift();
    if (writes.length >= MAX_WRITES) {
      const retryAfterMs = Math.ceil((writes[0] ?? now) + WINDOW_MS - now);
      const words = `too many changes of the configuration; try again in ${Math.ceil(retryAfterMs / 1000)} s`;
      throw new Refused("RATE_LIMITED", words, { retryAfterMs });
    }
    writes.push(now);
  };
}

function parseRaw(raw: string): unknown {
  try {
    const value: unknown = JSON5.parse(raw);
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error("it is not an object");
    if (isDeeper(value, MAX_DEPTH)) throw new Error(`it is nested deeper than ${MAX_DEPTH}`);
    return value;
  } catch (error) {
    throw invalid(`raw is not a JSON5 object: ${messageOf(error)}`);
  }
}

/** Walks level by level: what is nested too deeply would fill the stack of whoever descends into it. */
function isDeeper(value: unknown, levels: number): boolean {
  let level = [value];
  for (let depth = 0; depth <= levels && level.length > 0; depth++) {
    level = level.flatMap((one) => (typeof one === "object" && one !== null ? Object.values(one) : []));
  }
  return level.length > 0;
}

/** Where there is a file, a change must say which state of it was looked at. */
function requireBase(deps: MethodDeps, baseHash: string | undefined): string | undefined {
  if (baseHash === undefined && deps.config.state.exists) {
    throw invalid("config base hash required; read config.get first and send its hash as baseHash");
  }
  return baseHash;
}

function toWritten(deps: MethodDeps, change: ConfigChange): MethodResult<"config.set"> {
  const { path, hash, written } = change.state;
  return { ok: true, path, hash, changedPaths: [...change.changedPaths], config: deps.config.redact(written) ?? {} };
}
