import { describe, expect, it } from "vitest";
import { createFrameValidators, idOf, parseFrame, readFirstFrame } from "#main/gateway/handshake.ts";
import { toConnectParams } from "#test/fakes/wire-client.ts";

const validators = createFrameValidators();
const read = (frame: unknown, startingFor?: number) => readFirstFrame(frame, validators, startingFor);
const connect = (params: unknown) => ({ type: "req", id: "1", method: "connect", params });

describe("the first frame", () => {
  it("[B02] [B04] is connect, with the highest version that both speak", () => {
    const params = toConnectParams({ min: 1, max: 9 }, "");
    expect(read(connect(params))).toEqual({ ok: true, id: "1", params, protocol: 4 });
    expect(read(connect({ ...params, maxProtocol: 3 }))).toMatchObject({ ok: true, protocol: 3 });
  });

  it.each([undefined, null, 1, "x", []])("[HS-01] [HS-03] %j is closed without an answer", (frame) => {
    expect(read(frame)).toMatchObject({ ok: false, id: undefined, closeCode: 1008, reason: "invalid handshake" });
  });

  it("[HS-04] anything but connect is told so", () => {
    expect(read({ type: "req", id: "7", method: "health" })).toMatchObject({
      ok: false,
      id: "7",
      closeCode: 1008,
      error: { message: "invalid handshake: first request must be connect" },
    });
  });

  it("[B06] while starting, even a good one is told to come again", () => {
    expect(read(connect(toConnectParams({}, "")), 500)).toMatchObject({
      ok: false,
      closeCode: 1013,
      error: { code: "UNAVAILABLE", retryable: true, retryAfterMs: 500 },
    });
  });

  it("[B04] versions that do not meet close with 1002", () => {
    expect(read(connect(toConnectParams({ min: 5, max: 6 }, "")))).toMatchObject({ ok: false, closeCode: 1002 });
  });
});

it.each([
  [{ id: "a" }, "a"],
  [{ id: "" }, undefined],
  [{ id: "x".repeat(129) }, undefined],
  [{ id: 1 }, undefined],
  [null, undefined],
  ["a", undefined],
])("[HS-17] the id of %j is %j", (frame, id) => {
  expect(idOf(frame)).toBe(id);
});

it("[HS-01] what is not JSON is no frame", () => {
  expect(parseFrame(Buffer.from("{"))).toBeUndefined();
  expect(parseFrame(Buffer.from('{"a":1}'))).toEqual({ a: 1 });
});
