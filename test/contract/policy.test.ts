/** The golden table of commands through the whole policy, at every setting; `npm run campaign policy` prints the same. */
import { expect, it } from "vitest";
import { decide } from "#main/approvals/policy.ts";
import { runPolicy } from "../../build/campaign/policy.ts";

it("[I01] [AP-31] decides more than 600 commands as the table says at nine settings, and a stricter one never allows more", () => {
  const report = runPolicy();
  expect(report.commands).toBeGreaterThanOrEqual(600);
  expect(report.faults).toEqual([]);
});

it("[AP-31] shows a policy that is not monotone, or that lets somebody else skip the owner", () => {
  const careless = runPolicy((input, rules) =>
    decide({ ...input, requester: { ...input.requester, isOwner: true } }, rules),
  );
  expect(careless.faults.length).toBeGreaterThan(100);
  const inverted = runPolicy((input, rules) =>
    decide(input, {
      ...rules,
      autoApproveLevels: [1, 2, 3, 4, 5, 6, 7].filter((level) => !rules.autoApproveLevels.includes(level)),
    }),
  );
  expect(inverted.faults.some((fault) => fault.includes("allows more than a looser one"))).toBe(true);
});
