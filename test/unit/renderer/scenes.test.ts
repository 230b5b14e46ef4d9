/** The scenes that pictures are taken of say only what a gateway could say. */
import { describe, expect, it } from "vitest";
import { METHODS, type MethodName } from "#main/protocol/methods/index.ts";
import { Value } from "typebox/value";
import * as acting from "#test/fakes/renderer-acting-scenes.ts";
import { fillChannels } from "#test/fakes/renderer-channel-scenes.ts";
import { createRendererGateway } from "#test/fakes/renderer-gateway.ts";
import * as scenes from "#test/fakes/renderer-scenes.ts";

const NOW = 1_795_161_600_000;

/** What the scenes answer, by method. */
function answersOf(): Map<MethodName, (params: never) => unknown> {
  const answers = new Map<MethodName, (params: never) => unknown>();
  const gateway = createRendererGateway();
  const { answer } = gateway;
  gateway.answer = (method, give) => {
    answers.set(method, give as (params: never) => unknown);
    answer(method, give);
  };
  for (const fill of [scenes.fillRich, scenes.fillErrors, scenes.fillList, scenes.fillSettings]) fill(gateway, NOW);
  scenes.fillLong(gateway, 20, NOW);
  fillChannels(gateway, NOW);
  for (const fill of [acting.fillApprovals, acting.fillChanged, acting.fillAudit]) fill(gateway, NOW);
  acting.fillAsked(gateway, NOW, acting.toApproval("apr_1", NOW, { command: acting.LONG_COMMAND }));
  return answers;
}

const PARAMS: Partial<Record<MethodName, object>> = {
  "exec.approval.get": { id: "apr_1" },
  "exec.approval.grants.simulate": { rule: acting.toRequest().proposals[0]?.rule },
  "channels.save": { channel: "telegram", settings: {} },
  "sessions.takeOver": { key: "talk", taken: true },
  "models.probe": { provider: "anthropic" },
  "sessions.elevate": { key: "asked", elevated: true },
};

describe("the played scenes", () => {
  it("answer in the shapes of the wire", () => {
    const answers = answersOf();
    expect(answers.size).toBeGreaterThan(15);
    for (const [method, give] of answers) {
      const result = give((PARAMS[method] ?? {}) as never);
      const errors = [...Value.Errors(METHODS[method].result, result)].slice(0, 2);
      expect([method, errors]).toEqual([method, []]);
    }
  });
});
