/** Questions as the window knows them: what the gateway said stands, in whatever order it is heard. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Approval } from "#main/protocol/methods/approvals.ts";
import { putApproval, type Question, reconcile, settleApproval, toWaiting } from "#renderer/gateway/approval-model.ts";
import { toApproval } from "#test/fakes/renderer-acting-scenes.ts";

const over = (approval: Approval): Approval => ({
  ...approval,
  status: "resolved",
  outcome: "denied",
  decision: "deny",
});
const ids = (questions: readonly Question[]) => questions.map(({ approval }) => approval.id);

describe("questions", () => {
  it("are kept once each, oldest first", () => {
    const later = putApproval([], toApproval("b", 20));
    const both = putApproval(putApproval(later, toApproval("a", 10)), toApproval("b", 20));
    expect(ids(both)).toEqual(["a", "b"]);
  });

  it("[AP-20] never wait again once they are answered, whatever comes late", () => {
    const asked = toApproval("a", 10);
    const answered = putApproval(putApproval([], asked), over(asked));
    expect(toWaiting(putApproval(answered, asked))).toEqual([]);
    const again = settleApproval(answered, {
      id: "a",
      decision: "allow-once",
      outcome: "allowed",
      resolvedBy: "device:other",
      ts: 99,
    });
    expect(again[0]?.approval.outcome).toBe("denied");
  });

  it("[AP-22] tell an expired one from a refused one", () => {
    const asked = putApproval([], toApproval("a", 10));
    const ended = settleApproval(asked, {
      id: "a",
      decision: null,
      outcome: "expired",
      resolvedBy: "nobody answered in time",
      ts: 130,
    });
    expect(ended[0]?.approval).toMatchObject({ status: "resolved", outcome: "expired", resolvedAtMs: 130 });
    expect("decision" in (ended[0]?.approval ?? {})).toBe(false);
  });

  it("that wait no longer after a reconnect are named, to be read again", () => {
    const known = putApproval(putApproval([], toApproval("a", 10)), toApproval("b", 20));
    const { questions, gone } = reconcile(known, [toApproval("b", 20), toApproval("c", 30)]);
    expect(gone).toEqual(["a"]);
    expect(ids(questions)).toEqual(["a", "b", "c"]);
  });

  it("are told apart by conversation", () => {
    const one = putApproval([], toApproval("a", 10, { sessionKey: "x" }));
    const three = putApproval(
      putApproval(one, toApproval("b", 20, { sessionKey: "y" })),
      toApproval("c", 30, { sessionKey: "x" }),
    );
    expect(toWaiting(three)).toHaveLength(3);
    expect(ids(toWaiting(three, "x"))).toEqual(["a", "c"]);
  });

  it("forget the oldest answered ones and never one that waits", () => {
    let questions = putApproval([], toApproval("waits", 0));
    for (let at = 1; at <= 150; at++) questions = putApproval(questions, over(toApproval(`q${at}`, at)));
    expect(questions.length).toBe(101);
    expect(ids(toWaiting(questions))).toEqual(["waits"]);
    expect(ids(questions).at(-1)).toBe("q150");
  });

  it("[AP-20] end the same in any order of events", () => {
    const asked = toApproval("a", 10);
    const steps = [
      (known: readonly Question[]) => putApproval(known, asked),
      (known: readonly Question[]) => putApproval(known, over(asked)),
      (known: readonly Question[]) => reconcile(known, []).questions,
      (known: readonly Question[]) => putApproval(known, asked),
    ];
    fc.assert(
      fc.property(fc.shuffledSubarray(steps, { minLength: steps.length }), (order) => {
        const end = order.reduce<readonly Question[]>((known, step) => step(known), []);
        expect(end.map(({ approval }) => approval.outcome)).toEqual(["denied"]);
      }),
    );
  });
});
