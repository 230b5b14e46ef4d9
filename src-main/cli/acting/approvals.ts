/**
 * `gatehouse approvals`: what waits for the owner, and the answers. The gateway decides who may answer; an allowance is
 * always for once, since a rule for good wants more room than a line.
 */
import { createSystemClock } from "#main/base/clock.ts";
import { EXIT, isSet, printLine, usageError, type Invocation } from "../command.ts";
import { withOwner } from "../owner.ts";
import { watchApprovals } from "./watch.ts";
import { toApprovalLine, toApprovalText } from "./words.ts";

export async function run(invocation: Invocation): Promise<number> {
  const { world, positionals } = invocation;
  const [action = "list", id, ...rest] = positionals;
  if (rest.length > 0) throw usageError("name one approval at a time");
  const isJson = isSet(invocation, "json");
  const show = (answer: unknown, words: string) => {
    printLine(world.stdout, isJson ? JSON.stringify(answer, null, 2) : words);
    return EXIT.ok;
  };
  const clock = createSystemClock();
  switch (action) {
    case "list":
      return withOwner(invocation, async (client) => {
        const list = await client.request("exec.approval.list", {});
        const lines = list.map((approval) => toApprovalLine(approval, clock.now()));
        return show(list, lines.length > 0 ? lines.join("\n") : "Nothing waits for you.");
      });
    case "show":
      return withOwner(invocation, async (client) => {
        const { approval } = await client.request("exec.approval.get", { id: need(id) });
        return show(approval, toApprovalText(approval, clock.now()));
      });
    case "allow":
    case "deny":
      return withOwner(invocation, async (client) => {
        const decision = action === "allow" ? "allow-once" : "deny";
        const { approval } = await client.request("exec.approval.get", { id: need(id) });
        const answer = await client.request("exec.approval.resolve", { id: approval.id, decision });
        const words = action === "allow" ? "Allowed once" : "Denied";
        return show({ ...answer, id: approval.id, decision }, `${words}: ${toApprovalLine(approval, clock.now())}`);
      });
    case "watch":
      return watchApprovals(invocation, clock);
    default:
      throw usageError(`approvals ${action} is unknown: list, show, allow, deny or watch`);
  }
}

function need(id: string | undefined): string {
  if (id === undefined) throw usageError("the approval's id is missing; gatehouse approvals list shows them");
  return id;
}
