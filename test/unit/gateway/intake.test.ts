import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { Intake } from "#main/gateway/intake.ts";

function setUp(takesTime: (frame: number) => boolean = () => false) {
  const socket = {
    bufferedAmount: 0,
    isPaused: false,
    pause: () => void (socket.isPaused = true),
    resume: () => void (socket.isPaused = false),
  };
  const handled: number[] = [];
  const intake = new Intake<number>(socket, (frame) => {
    handled.push(frame);
    return takesTime(frame);
  });
  const push = (...frames: number[]) => {
    for (const frame of frames) intake.push(frame);
  };
  return { socket, handled, intake, push };
}

describe("frames", () => {
  it("[HS-41] that are answered at once go through at once", () => {
    const { socket, handled, push } = setUp();
    push(1, 2, 3);
    expect(handled).toEqual([1, 2, 3]);
    expect(socket.isPaused).toBe(false);
  });

  it("[HS-41] whose answer takes time go through one a turn, in order, and reading stops meanwhile", async () => {
    const { socket, handled, push } = setUp(() => true);
    push(1, 2, 3);
    expect(handled).toEqual([1]);
    expect(socket.isPaused).toBe(true);
    await nextTurn();
    expect(handled).toEqual([1, 2]);
    await nextTurn();
    expect(handled).toEqual([1, 2, 3]);
    await nextTurn();
    expect(socket.isPaused).toBe(false);
  });

  it("[HS-41] mixed keep their order", async () => {
    const { handled, push } = setUp((frame) => frame % 2 === 0);
    push(1, 2, 3, 4, 5);
    expect(handled).toEqual([1, 2]);
    await nextTurn();
    expect(handled).toEqual([1, 2, 3, 4]);
    await nextTurn();
    expect(handled).toEqual([1, 2, 3, 4, 5]);
  });

  it("[HS-40] wait while the client does not fetch its answers", () => {
    const { socket, handled, intake, push } = setUp();
    socket.bufferedAmount = 300_000;
    push(1, 2);
    expect(handled).toEqual([1]);
    intake.sent();
    expect(handled).toEqual([1]);
    socket.bufferedAmount = 100_000;
    intake.sent();
    expect(handled).toEqual([1, 2]);
    expect(socket.isPaused).toBe(false);
  });

  it("of a connection that is gone are forgotten", async () => {
    const { handled, intake, push } = setUp(() => true);
    push(1, 2, 3);
    intake.stop();
    await nextTurn();
    push(4);
    expect(handled).toEqual([1]);
  });
});
