import { describe, expect, it } from "vitest";
import { Compile } from "typebox/compile";
import {
  CLIENT_IDS,
  CLIENT_MODES,
  ConnectParams,
  EventFrame,
  POLICY,
  RequestFrame,
  ResponseFrame,
} from "#main/protocol/frames.ts";

const request = Compile(RequestFrame);
const connect = Compile(ConnectParams);
const good = { minProtocol: 3, maxProtocol: 4, client: { id: "cli", version: "1", platform: "linux", mode: "cli" } };

describe("a request", () => {
  it.each([
    { type: "req", id: "1", method: "health" },
    { type: "req", id: "x".repeat(128), method: "m", params: null, traceparent: "00-ab-cd-01" },
    { type: "req", id: "1", method: "m", params: [1] },
  ])("[B01] %j fits", (frame) => {
    expect(request.Check(frame)).toBe(true);
  });

  it.each([
    null,
    [],
    "req",
    { type: "res", id: "1", method: "m" },
    { type: "req", id: "", method: "m" },
    { type: "req", id: "x".repeat(129), method: "m" },
    { type: "req", id: 1, method: "m" },
    { type: "req", id: "1", method: "" },
    { type: "req", id: "1", method: "x".repeat(129) },
    { type: "req", id: "1", method: "m", extra: undefined },
    { type: "req", id: "1", method: "m", traceparent: 1 },
    JSON.parse('{"type":"req","id":"1","method":"m","__proto__":{}}') as unknown,
  ])("[B01] [HS-17] [HS-18] [HS-14] %j does not", (frame) => {
    expect(request.Check(frame)).toBe(false);
  });
});

describe("connect", () => {
  it.each(CLIENT_IDS)("[B02] %s may connect", (id) => {
    expect(connect.Check({ ...good, client: { ...good.client, id } })).toBe(true);
  });

  it.each(CLIENT_MODES)("[B02] in mode %s", (mode) => {
    expect(connect.Check({ ...good, client: { ...good.client, mode } })).toBe(true);
  });

  it.each([
    { minProtocol: "3" },
    { maxProtocol: undefined },
    { client: { ...good.client, id: "someone" } },
    { client: { ...good.client, platform: "" } },
    { client: { ...good.client, displayName: "x".repeat(257) } },
    { scopes: Array.from({ length: 33 }, () => "s") },
    { scopes: ["x".repeat(65)] },
    { caps: [1] },
    { permissions: { a: "yes" } },
    { role: "root" },
    { auth: { token: "x".repeat(4097) } },
    { device: { id: "a", publicKey: "b", signature: "c", signedAt: -1 } },
    { device: { id: "a", publicKey: "b", signature: "c", signedAt: 1.5 } },
    { userAgent: "x".repeat(1025) },
  ])("[B09] refuses %j", (change) => {
    expect(connect.Check({ ...good, ...change })).toBe(false);
  });
});

it("[B01] answers and events are closed, too", () => {
  expect(Compile(ResponseFrame).Check({ type: "res", id: "1", ok: true, payload: {}, more: 1 })).toBe(false);
  expect(Compile(EventFrame).Check({ type: "event", event: "tick", seq: 0 })).toBe(false);
  expect(
    Compile(EventFrame).Check({ type: "event", event: "tick", seq: 1, stateVersion: { presence: 1, health: 2 } }),
  ).toBe(true);
});

it("[B07] the numbers are those of the protocol", () => {
  expect(POLICY).toMatchObject({
    maxPayload: 524_288,
    maxPayloadCeiling: 26_214_400,
    maxBufferedBytes: 1_572_864,
    tickIntervalMs: 30_000,
    handshakeTimeoutMs: 10_000,
  });
});
