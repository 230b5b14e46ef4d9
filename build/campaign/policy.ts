/**
 * The policy over the golden table of commands: nine settings from the strictest to the loosest, and each command's
 * decision under each. A stricter setting never allows what a looser one would not. Pure, but for reading the table.
 */
import { readFileSync } from "node:fs";
import { decide, type PolicyInput, type PolicyRules } from "#main/approvals/policy.ts";
import type { Level, ToolGroup } from "#main/tools/contract.ts";
import { classify } from "#main/tools/bash/level/classify.ts";

const LEVELS = [1, 2, 3, 4, 5, 6, 7, 8, 9] as const;
const STRICTNESS = { allow: 0, ask: 1, deny: 2 } as const;

/** The n-th setting runs levels 1 to n unasked; what cannot be set (8 and 9) is what the schema refuses. */
export function rulesFor(setting: number): PolicyRules {
  return { required: true, autoApproveLevels: LEVELS.filter((level) => level <= Math.min(setting, 7)), layers: [] };
}

interface Row {
  command: string;
  level: Level;
}

export function readGolden(): Row[] {
  const url = new URL("../../test/fixtures/commands/golden.json", import.meta.url);
  return JSON.parse(readFileSync(url, "utf8")) as Row[];
}

export interface PolicyReport {
  commands: number;
  decisions: number;
  /** Differences from the golden level, from what the level says, and places where a stricter setting allows more. */
  faults: string[];
}

/** What must come out, said without the code that is proved: by the level and by who asks. */
function expected(level: number, setting: number, isOwner: boolean): "allow" | "ask" {
  if (level >= 8) return "ask";
  if (!isOwner) return level <= 2 && level <= setting ? "allow" : "ask";
  return level <= setting ? "allow" : "ask";
}

export function runPolicy(judge: typeof decide = decide): PolicyReport {
  const rows = readGolden();
  const faults: string[] = [];
  let decisions = 0;
  const group: ToolGroup = "runtime";
  const inputs = [
    ...rows.map(({ command, level }) => {
      const got = classify(command).level;
      if (got !== level) faults.push(`${JSON.stringify(command)} is ${got}, and ${level} in the table`);
      return { name: command, level: got as Level };
    }),
    ...LEVELS.map((level) => ({ name: `level ${level}`, level })),
  ];
  for (const { name, level } of inputs) {
    for (const isOwner of [true, false]) {
      let looser: keyof typeof STRICTNESS = "allow";
      for (const setting of LEVELS.toReversed()) {
        const requester = { channel: "webchat", sender: "d", isOwner };
        const input: PolicyInput = { tool: "bash", group, level, agentId: "main", requester, isElevated: false };
        const { decision } = judge(input, rulesFor(setting));
        decisions += 1;
        if (decision !== expected(level, Math.min(setting, 7), isOwner))
          faults.push(`${name}: ${decision} at setting ${setting}, owner ${isOwner}`);
        if (STRICTNESS[decision] < STRICTNESS[looser])
          faults.push(`${name}: setting ${setting} allows more than a looser one`);
        looser = decision;
        const shut = judge(input, { ...rulesFor(setting), layers: [{ name: "tools", rules: { deny: ["*"] } }] });
        if (shut.decision !== "deny") faults.push(`${name}: a deny of everything does not deny`);
      }
    }
  }
  return { commands: rows.length, decisions, faults };
}
