/**
 * `gatehouse approvals`: what waits for the owner, and the answers. The gateway decides who may answer; an allowance is
 * always for once, since a rule for good wants more room than a line.
 */
import { createSystemClock } from "#main/base/clock.ts";
import { need, printAnswer, usageError, type Invocation } from "../command.ts";
import { ask, withOwner } from "../owner.ts";
import { watchApprovals } from "./watch.ts";
import { toApprovalLine, toApprovalText } from "./words.ts";

export async function run(invocation: Invocation): Promise<number> {
  const [action = "list", name, ...rest] = invocation.positionals;
  if (rest.length > 0) throw usageError("name one approval at a time");
  const clock = createSystemClock();
  const id = () => need(name, "the approval's id", "gatehouse approvals list shows them");
  switch (action) {
    case "list":
      return ask(invocation, "exec.approval.list", {}, (list) => {
        const lines = list.map((approval) => toApprovalLine(approval, clock.now()));
        return lines.join("\n") || "Nothing waits for you.";
      });
    case "show":
      return withOwner(invocation, async (client) => {
        const { approval } = await client.request("exec.approval.get", { id: id() });
        return printAnswer(invocation, approval, toApprovalText(approval, clock.now()));
      });
    case "allow":
    case "deny":
      return withOwner(invocation, async (client) => {
        const decision = action === "allow" ? "allow-once" : "deny";
        const { approval } = await client.request("exec.approval.get", { id: id() });
        const answer = await client.request("exec.approval.resolve", { id: approval.id, decision });
        const words = `${action === "allow" ? "Allowed once" : "Denied"}: ${toApprovalLine(approval, clock.now())}`;
        return printAnswer(invocation, { ...answer, id: approval.id, decision }, words);
      });
    case "watch":
      return watchApprovals(invocation, clock);
    default:
      throw usageError(`approvals ${action} is unknown: list, show, allow, deny or watch`);
  }
}
