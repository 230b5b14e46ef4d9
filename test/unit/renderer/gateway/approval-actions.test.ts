/** Answering against a played gateway: who was first, what was lost, what comes back after a reload. */
import { describe, expect, it } from "vitest";
import { chatOf } from "#renderer/gateway/store.ts";
import { toRows } from "#renderer/features/chat/rows.ts";
import { answerApprovals, fillAsked, fillChanged, refuseUndo, toApproval } from "#test/fakes/renderer-acting-scenes.ts";
import { type Scene, startApp } from "#test/fakes/renderer-app.ts";
import { Refusal, type RendererGateway } from "#test/fakes/renderer-gateway.ts";

const NOW = 5000;
const asked = toApproval("apr_1", NOW);
const startAsked = (more: (gateway: RendererGateway) => void = () => undefined) =>
  startApp((gateway) => {
    fillAsked(gateway, NOW, asked);
    more(gateway);
  }, "asked");
const questionOf = ({ app }: Scene) => app.store.getState().questions[0];
const callOf = ({ app }: Scene) =>
  toRows(chatOf(app.store.getState(), "asked"))
    .flatMap((row) => (row.kind === "turn" ? row.turn.steps : []))
    .flatMap((step) => (step.kind === "tools" ? step.calls : []));

describe("a question", () => {
  it("[AP-22] is there again after a reload, at the call that waits for it", async () => {
    const scene = await startAsked();
    await scene.until(
      () => questionOf(scene) !== undefined && chatOf(scene.app.store.getState(), "asked").run !== undefined,
    );
    expect(callOf(scene).map(({ id, approvalId }) => [id, approvalId])).toEqual([
      ["c0", undefined],
      ["c1", "apr_1"],
    ]);
    scene.app.dispose();
  });

  it("belongs to the first call that is not over when it is asked in front of the person", async () => {
    const scene = await startApp((gateway) => void gateway.addChat("asked", "Asked", []), "asked");
    await scene.until(() => chatOf(scene.app.store.getState(), "asked").status === "ready");
    const agent = { runId: "r", sessionKey: "asked", ts: 1 };
    const tool = (id: string, phase: "start" | "result", seq: number) =>
      scene.gateway.emit("agent", {
        ...agent,
        seq,
        stream: "tool",
        data: { phase, toolCallId: id, name: "read", ...(phase === "result" ? { result: "x" } : {}) },
      });
    tool("t1", "start", 1);
    tool("t2", "start", 2);
    tool("t1", "result", 3);
    scene.gateway.emit("exec.approval.requested", asked);
    scene.gateway.emit("agent", {
      ...agent,
      seq: 4,
      stream: "lifecycle",
      data: { phase: "waiting-approval", approvalId: "apr_1" },
    });
    await scene.until(() => chatOf(scene.app.store.getState(), "asked").run?.phase === "approval");
    expect(callOf(scene).map(({ id, approvalId }) => [id, approvalId])).toEqual([
      ["t1", undefined],
      ["t2", "apr_1"],
    ]);
    scene.app.dispose();
  });

  it("[I02] is answered with what was chosen, and shown as answered here", async () => {
    const scene = await startAsked();
    await scene.until(() => questionOf(scene) !== undefined);
    await scene.app.approvals.answer("apr_1", "deny");
    expect(scene.gateway.calls.find(({ method }) => method === "exec.approval.resolve")?.params).toEqual({
      id: "apr_1",
      decision: "deny",
    });
    expect(questionOf(scene)).toMatchObject({ isMine: true, approval: { status: "resolved", outcome: "denied" } });
    scene.app.dispose();
  });

  it("[AP-20] that was answered elsewhere first says so, with the decision that stands", async () => {
    const scene = await startAsked();
    await scene.until(() => questionOf(scene) !== undefined);
    scene.gateway.answer("exec.approval.resolve", () => {
      throw new Refusal({ code: "ALREADY_RESOLVED", message: "it was answered: allow-once" });
    });
    scene.gateway.answer("exec.approval.get", () => ({
      approval: {
        ...asked,
        status: "resolved",
        outcome: "allowed",
        decision: "allow-once",
        resolvedBy: "device:phone",
      },
    }));
    await scene.app.approvals.answer("apr_1", "deny");
    expect(questionOf(scene)).toMatchObject({
      isLate: true,
      approval: { outcome: "allowed", resolvedBy: "device:phone" },
    });
    expect(questionOf(scene)?.isMine).toBeUndefined();
    scene.app.dispose();
  });

  it("still waits when the answer did not arrive, with the reason", async () => {
    const scene = await startAsked();
    await scene.until(() => questionOf(scene) !== undefined);
    scene.gateway.answer("exec.approval.resolve", () => {
      throw new Refusal({ code: "UNAVAILABLE", message: "the gateway is stopping" });
    });
    await scene.app.approvals.answer("apr_1", "allow-once");
    expect(questionOf(scene)).toMatchObject({ problem: "the gateway is stopping", approval: { status: "pending" } });
    expect(questionOf(scene)?.sending).toBeUndefined();
    scene.app.dispose();
  });

  it("that ended while the connection was away is read again and not left waiting", async () => {
    const scene = await startAsked();
    await scene.until(() => questionOf(scene) !== undefined);
    answerApprovals(scene.gateway, [
      { ...asked, status: "resolved", outcome: "expired", resolvedBy: "nobody answered in time" },
    ]);
    await scene.app.approvals.refresh();
    expect(questionOf(scene)?.approval.outcome).toBe("expired");
    scene.app.dispose();
  });

  it("is told to the gateway when it cannot be shown", async () => {
    const scene = await startAsked();
    await scene.app.approvals.couldNotShow("apr_1", "x".repeat(900));
    const params = scene.gateway.calls.find(({ method }) => method === "exec.approval.couldNotShow")?.params;
    expect(params).toEqual({ id: "apr_1", reason: "x".repeat(500) });
    scene.app.dispose();
  });
});

describe("acting", () => {
  it("takes a change back, and forces it only when asked to", async () => {
    const scene = await startApp((gateway) => {
      fillChanged(gateway, NOW);
      refuseUndo(gateway);
    }, "changed");
    await scene.until(() => scene.app.store.getState().changes["changed"] !== undefined);
    await expect(scene.app.acting.undo("changed", "e1", false)).rejects.toThrow("changed since");
    await scene.app.acting.undo("changed", "e1", true);
    const undos = scene.gateway.calls.filter(({ method }) => method === "changes.undo").map(({ params }) => params);
    expect(undos).toEqual([{ callId: "e1" }, { callId: "e1", force: true }]);
    scene.app.dispose();
  });

  it("knows an elevated conversation by the rule that decides, and asks nothing that the gateway lacks", async () => {
    const scene = await startApp();
    await scene.app.acting.refreshElevation("s");
    expect(scene.gateway.calls.some(({ method }) => method === "tools.explain")).toBe(false);
    scene.gateway.answer("tools.explain", () => ({ level: 1, decision: "allow", reason: "", rule: "elevated" }));
    scene.app.store.setState({ methods: new Set(["tools.explain"]) });
    await scene.app.acting.refreshElevation("s");
    expect(scene.app.store.getState().elevated.has("s")).toBe(true);
    scene.app.dispose();
  });
});

describe("a model chosen before the first message", () => {
  it("is kept and answers that message", async () => {
    const scene = await startApp();
    const key = scene.key();
    await scene.app.sessions.patch(key, { model: "fake/large" });
    expect(scene.gateway.calls.some(({ method }) => method === "sessions.patch")).toBe(false);
    expect(scene.app.store.getState().chosenModels[key]).toBe("fake/large");
    await scene.app.chat.send(key, "Hello", []);
    const order = scene.gateway.calls.map(({ method }) => method).filter((name) => /create|send/.test(name));
    expect(order).toEqual(["sessions.create", "chat.send"]);
    expect(scene.gateway.chats.get(key)?.row.model).toBe("fake/large");
    expect(scene.app.store.getState().chosenModels[key]).toBeUndefined();
    scene.app.dispose();
  });
});
