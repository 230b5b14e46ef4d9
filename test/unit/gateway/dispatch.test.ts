import { describe, expect, it } from "vitest";
import { Bug, NetworkError, Refused, RemoteError } from "#main/base/errors.ts";
import { silentLogger, type Logger } from "#main/base/logger.ts";
import { createDispatch, type Caller, type Handlers } from "#main/gateway/dispatch.ts";
import { METHODS } from "#main/protocol/methods/index.ts";
import type { Scope } from "#main/protocol/scopes.ts";

function caller(scopes: Scope[], role = "operator"): Caller {
  return {
    connId: "c",
    role,
    scopes: new Set(scopes),
    caps: new Set(),
    accept: () => {},
    subscriptions: { sessions: false, messages: new Set() },
  };
}

/** Every handler does the same. */
function setUp(handler: () => unknown = () => ({ ok: true })) {
  const calls: string[] = [];
  const logged: unknown[] = [];
  const log: Logger = { ...silentLogger, error: (_message, fields) => void logged.push(fields) };
  const handlers = Object.fromEntries(
    Object.keys(METHODS).map((name) => [
      name,
      () => {
        calls.push(name);
        return handler();
      },
    ]),
  ) as unknown as Handlers;
  return { calls, logged, dispatch: createDispatch(handlers, log) };
}

describe("a request", () => {
  it("[D10] [HS-30] reaches a handler with its scope only", async () => {
    for (const [method, { scope }] of Object.entries(METHODS)) {
      const { calls, dispatch } = setUp();
      const outcome = await dispatch(method, { nonsense: true }, caller([]));
      if (scope === "none") continue;
      expect(outcome, method).toMatchObject({
        ok: false,
        error: { code: "FORBIDDEN", details: { code: "MISSING_SCOPE", missingScope: scope, requiredScopes: [scope] } },
      });
      expect(calls).toEqual([]);
      // With the scope it gets as far as the parameters: it is the scope that guards.
      const allowed = await dispatch(method, { nonsense: true }, caller([scope]));
      expect(allowed, method).toMatchObject({ error: { code: "INVALID_REQUEST" } });
    }
  });

  it("[HS-33] of a node reaches what everyone may ask, and nothing else", async () => {
    const { calls, dispatch } = setUp();
    expect(await dispatch("health", {}, caller(["operator.admin"], "node"))).toMatchObject({ ok: true });
    expect(await dispatch("status", {}, caller(["operator.admin"], "node"))).toMatchObject({
      error: { code: "FORBIDDEN", message: "unauthorized role: node" },
    });
    expect(calls).toEqual(["health"]);
  });

  it.each(["constructor", "__proto__", "nothing", "x".repeat(10_000)])("[HS-16] for %j is unknown", async (method) => {
    const outcome = await setUp().dispatch(method, {}, caller(["operator.admin"]));
    expect(outcome).toEqual({
      ok: false,
      error: { code: "INVALID_REQUEST", message: `unknown method: ${method.slice(0, 128)}` },
    });
  });

  it("[B09] without parameters counts as one with none", async () => {
    expect(await setUp().dispatch("health", undefined, caller([]))).toEqual({ ok: true, payload: { ok: true } });
    expect(await setUp().dispatch("health", null, caller([]))).toMatchObject({ ok: true });
  });
});

describe("what a handler throws", () => {
  it.each([
    [new Refused("INVALID_REQUEST", "no"), { code: "INVALID_REQUEST", message: "no" }],
    [
      new Refused("RATE_LIMITED", "slow", { retryAfterMs: 5 }),
      { code: "RATE_LIMITED", message: "slow", retryable: true, retryAfterMs: 5 },
    ],
    [new Refused("DISK_FULL", "full"), { code: "UNAVAILABLE", message: "full", details: { code: "DISK_FULL" } }],
    [new RemoteError("auth", "key"), { code: "UNAVAILABLE", message: "key", details: { code: "auth" } }],
    [
      new NetworkError("TIMEOUT", "late", { details: { host: "h" } }),
      { code: "UNAVAILABLE", message: "late", details: { host: "h", code: "TIMEOUT" } },
    ],
  ])("[B19] %s becomes an answer in the codes of the wire", async (error, shape) => {
    const sync = setUp(() => {
      throw error;
    });
    expect(await sync.dispatch("health", {}, caller([]))).toEqual({ ok: false, error: shape });
    const later = setUp(() => Promise.reject(error));
    expect(await later.dispatch("health", {}, caller([]))).toEqual({ ok: false, error: shape });
  });

  it.each([new Error("secret detail"), new Bug("secret detail"), "secret detail", undefined])(
    "[B19] [HS-47] %s tells the client a number only, and the log the rest",
    async (thrown) => {
      const { dispatch, logged } = setUp(() => Promise.reject(thrown));
      const outcome = await dispatch("health", {}, caller([]));
      expect(outcome).toMatchObject({
        ok: false,
        error: { code: "INTERNAL", details: { errorId: expect.stringMatching(/^err_/) } },
      });
      expect(JSON.stringify(outcome)).not.toContain("secret");
      expect(logged).toHaveLength(1);
    },
  );
});
