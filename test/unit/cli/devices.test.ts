import { describe, expect, it } from "vitest";
import { callWith } from "./call-with.ts";

describe("gatehouse devices", () => {
  const device = {
    deviceId: "d1",
    displayName: "Ann's phone\u001b]0;gotcha\u0007\u001b[31m",
    roles: ["operator"],
    scopes: ["operator.read"],
    tokens: [],
    createdAtMs: 0,
    approvedAtMs: 0,
    connected: true,
  };
  const request = {
    requestId: "r1",
    deviceId: "d2",
    role: "operator",
    scopes: ["operator.write"],
    reason: "not-paired",
  };
  const list = () => ({ pending: [request], paired: [device] });

  it("lists who waits and who is paired, clean of terminal commands", async () => {
    const { code, out } = await callWith({ "device.pair.list": list }, "devices", "list");
    expect(code).toBe(0);
    expect(out).toContain("r1  unnamed  wants operator.write  (not-paired)");
    expect(out).toContain("d1  Ann's phone  operator.read  connected");
    expect(out).not.toContain("\u001b");
    expect(JSON.parse((await callWith({ "device.pair.list": list }, "devices", "--json")).out)).toEqual(list());
  });

  it("approves, rejects and removes by id", async () => {
    const approve = await callWith(
      { "device.pair.approve": () => ({ requestId: "r1", device }) },
      "devices",
      "approve",
      "r1",
    );
    expect([approve.out, approve.calls[0]?.params]).toEqual(["Approved: Ann's phone\n", { requestId: "r1" }]);
    const reject = await callWith({ "device.pair.reject": () => request }, "devices", "reject", "r1");
    expect([reject.code, reject.calls[0]?.params]).toEqual([0, { requestId: "r1" }]);
    const remove = await callWith({ "device.pair.remove": () => ({ deviceId: "d1" }) }, "devices", "remove", "d1");
    expect([remove.code, remove.calls[0]?.params]).toEqual([0, { deviceId: "d1" }]);
  });
});
