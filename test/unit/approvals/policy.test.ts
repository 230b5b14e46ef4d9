import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decide, toPolicyRules, type PolicyInput, type PolicyRules } from "#main/approvals/policy.ts";
import type { Verdict } from "#main/approvals/contract.ts";
import type { Config } from "#main/config/schema.ts";
import type { Level, ToolGroup } from "#main/tools/contract.ts";

const owner = { channel: "webchat", sender: "d", isOwner: true };
const stranger = { channel: "telegram", sender: "42", isOwner: false };
const LEVELS: readonly Level[] = [1, 2, 3, 4, 5, 6, 7, 8, 9];

function call(level: Level, more: Partial<PolicyInput> = {}): PolicyInput {
  return { tool: "bash", group: "runtime", level, agentId: "main", requester: owner, isElevated: false, ...more };
}

function rules(more: Partial<PolicyRules> = {}): PolicyRules {
  return { required: true, autoApproveLevels: [1, 2, 3], layers: [], ...more };
}

const layer = (name: string, lists: PolicyRules["layers"][number]["rules"]) => ({ name, rules: lists });
const strictness: Record<Verdict["decision"], number> = { allow: 0, ask: 1, deny: 2 };

describe("the policy", () => {
  it("[I01] lets levels 1 to 3 run, asks for 4 to 9", () => {
    const decisions = LEVELS.map((level) => decide(call(level), rules()).decision);
    expect(decisions).toEqual(["allow", "allow", "allow", "ask", "ask", "ask", "ask", "ask", "ask"]);
  });

  it("[I05] denies a tool that nobody knows, whatever is allowed", () => {
    const verdict = decide(
      call(1, { tool: "nonsense", group: undefined }),
      rules({ required: false, layers: [layer("tools", { allow: ["*"] })] }),
    );
    expect(verdict).toMatchObject({ decision: "deny", rule: "unknown tool" });
  });

  it("[I05] denies what a deny list names, by name, by group and by everything, and deny wins over allow", () => {
    for (const deny of [["bash"], ["group:runtime"], ["*"], [" BASH "]]) {
      const verdict = decide(call(1), rules({ layers: [layer("tools", { allow: ["bash"], deny })] }));
      expect(verdict, deny[0]).toMatchObject({ decision: "deny", rule: "tools.deny" });
    }
    expect(decide(call(1), rules({ layers: [layer("tools", { deny: ["group:web"] })] })).decision).toBe("allow");
  });

  it.each([
    ["read_file", "read", "fs"],
    ["write_file", "write", "fs"],
    ["list_files", "ls", "fs"],
    [" EXEC ", "bash", "runtime"],
  ] as const)("[H14] means %j as the tool %s, in every list", (word, tool, group) => {
    const decideWith = (lists: PolicyRules["layers"][number]["rules"], level: Level = 1) =>
      decide(call(level, { tool, group }), rules({ layers: [layer("tools", lists)] }));
    expect(decideWith({ deny: [word] })).toMatchObject({ decision: "deny", rule: "tools.deny" });
    expect(decideWith({ allow: [tool], deny: [word] })).toMatchObject({ decision: "deny" });
    expect(decideWith({ allow: [word] })).toMatchObject({ decision: "allow" });
    expect(decideWith({ allow: [word] }, 7)).toMatchObject({ decision: "ask" });
    expect(decideWith({ elevated: [word] })).toMatchObject({ decision: "ask", rule: "tools.elevated" });
    // The twin: a word that is nobody's name denies nothing and allows nothing.
    expect(decideWith({ deny: [`${word.trim()}s`] })).toMatchObject({ decision: "allow" });
    expect(decideWith({ allow: [`${word.trim()}s`] })).toMatchObject({ decision: "deny" });
  });

  it("[I05] denies what a list of allowed tools leaves out, on every layer", () => {
    for (const name of ["tools", "agents.main.tools", "tools.byChannel.webchat", "tools.bySender.webchat:d"]) {
      const verdict = decide(
        call(1),
        rules({ layers: [layer("tools", { allow: ["*"] }), layer(name, { allow: ["read"] })] }),
      );
      expect(verdict).toMatchObject({ decision: "deny", rule: `${name}.allow` });
    }
    expect(decide(call(1), rules({ layers: [layer("tools", { allow: [] })] })).decision).toBe("allow");
  });

  it("[I05] asks for elevated tools even at level 1, until the owner elevates the session", () => {
    const layers = [layer("tools", { elevated: ["group:runtime"] })];
    expect(decide(call(1), rules({ layers }))).toMatchObject({ decision: "ask", rule: "tools.elevated" });
    expect(decide(call(1, { isElevated: true }), rules({ layers })).decision).toBe("allow");
  });

  it("asks for levels 8 and 9 in an elevated session and with approvals off", () => {
    for (const level of [8, 9] as const) {
      expect(
        decide(call(level, { isElevated: true }), rules({ required: false, autoApproveLevels: LEVELS })).decision,
      ).toBe("ask");
    }
    expect(decide(call(7, { isElevated: true }), rules()).decision).toBe("allow");
    expect(decide(call(7), rules({ required: false })).decision).toBe("allow");
  });

  it("[AP-31] lets someone else than the owner cause no more than levels 1 and 2, elevated or not", () => {
    const open = rules({ required: false, autoApproveLevels: LEVELS });
    for (const isElevated of [false, true]) {
      const decisions = LEVELS.map((level) => decide(call(level, { requester: stranger, isElevated }), open).decision);
      expect(decisions).toEqual(["allow", "allow", "ask", "ask", "ask", "ask", "ask", "ask", "ask"]);
    }
    expect(decide(call(1, { requester: stranger }), rules({ autoApproveLevels: [] })).decision).toBe("ask");
  });

  it("[AP-31] is monotone: a stricter setting never allows what a looser one would not", () => {
    const names = fc.subarray(["bash", "read", "group:runtime", "group:fs", "*"]);
    const world = fc.record({
      level: fc.constantFrom(...LEVELS),
      group: fc.constantFrom<ToolGroup | undefined>("runtime", "fs", undefined),
      isOwner: fc.boolean(),
      isElevated: fc.boolean(),
      auto: fc.subarray([1, 2, 3, 4, 5, 6, 7]),
      required: fc.boolean(),
      allow: names,
      deny: names,
      elevated: names,
      fewer: fc.subarray([1, 2, 3, 4, 5, 6, 7]),
      moreDeny: names,
    });
    fc.assert(
      fc.property(world, (w) => {
        const input = call(w.level, {
          group: w.group,
          isElevated: w.isElevated,
          requester: w.isOwner ? owner : stranger,
        });
        const lists = { allow: w.allow, deny: w.deny, elevated: w.elevated };
        const loose = rules({ required: w.required, autoApproveLevels: w.auto, layers: [layer("tools", lists)] });
        const strict = rules({
          required: true,
          autoApproveLevels: w.auto.filter((level) => w.fewer.includes(level)),
          layers: [layer("tools", { ...lists, deny: [...w.deny, ...w.moreDeny] })],
        });
        expect(strictness[decide(input, strict).decision]).toBeGreaterThanOrEqual(
          strictness[decide(input, loose).decision],
        );
        const higher = LEVELS.filter(
          (level) => level > w.level && (w.auto.includes(w.level) || !w.auto.includes(level)),
        );
        const decision = decide(input, loose).decision;
        for (const level of higher) {
          expect(strictness[decide({ ...input, level }, loose).decision]).toBeGreaterThanOrEqual(strictness[decision]);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it("[I05] gathers the rules of agent, channel and sender, and takes no inherited name for one", () => {
    const config = {
      tools: {
        approvals: { required: true, autoApproveLevels: [1], timeoutSeconds: 120 },
        allow: [],
        deny: ["a"],
        elevated: [],
        byChannel: { telegram: { deny: ["b"] } },
        bySender: { "telegram:42": { deny: ["c"] } },
        settings: {},
      },
      agents: { main: { tools: { deny: ["d"] } } },
    } as unknown as Config;
    const found = toPolicyRules(config, "main", stranger);
    expect(found.layers.map(({ name, rules: { deny } }) => [name, deny])).toEqual([
      ["tools", ["a"]],
      ["agents.main.tools", ["d"]],
      ["tools.byChannel.telegram", ["b"]],
      ["tools.bySender.telegram:42", ["c"]],
    ]);
    expect(toPolicyRules(config, "main", { ...stranger, channel: "constructor" }).layers).toHaveLength(2);
  });
});
