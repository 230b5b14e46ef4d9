/** A question to the owner over the command line: listed, shown, answered; what ran, what it left, and the record of it. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { describe, expect, it, onTestFinished } from "vitest";
import { startFakeOpenAI } from "#test/fakes/openai.ts";
import { tempState } from "#test/fakes/temp-state.ts";
import { runCli, serveGateway, startCli, type ServedGateway } from "./built-cli.ts";

const cli = (gateway: ServedGateway, ...args: string[]) => runCli(args, gateway.env);
const noteOf = ({ dir }: ServedGateway) => join(dir, "state", "workspace", "notes", "hello.md");

/** Sends a message that makes the demo ask, and waits for the question. */
async function ask(gateway: ServedGateway, message = "Write a note") {
  const talk = startCli(["chat", "-e", message], gateway.env);
  const watch = startCli(["approvals", "watch", "--json"], gateway.env);
  const line = await watch.waitFor(/^\{"event":"requested".*\}$/m);
  const { approval } = JSON.parse(line) as { approval: { id: string; request: { summary: string } } };
  return { talk, watch, ...approval };
}

describe("approvals on the command line", () => {
  it("[I02] [I04] shows what waits, and an allowed call runs, can be undone and stands in the record", async () => {
    const gateway = await serveGateway(tempState());
    const { id, talk, watch } = await ask(gateway);
    expect((await cli(gateway, "approvals")).stdout).toContain(`${id}  level 4  Create notes/hello.md`);
    const shown = await cli(gateway, "approvals", "show", id);
    expect(shown.stdout).toContain("+The Gatehouse demo wrote this note");
    expect(existsSync(noteOf(gateway))).toBe(false);

    expect((await cli(gateway, "approvals", "allow", id)).stdout).toContain("Allowed once:");
    const { code, stdout } = await talk.ended;
    expect([code, stdout.includes("You allowed it")]).toEqual([0, true]);
    expect(readFileSync(noteOf(gateway), "utf8")).toContain("only because you allowed it");
    await watch.waitFor(/"event":"resolved".*"outcome":"allowed"/);
    const late = await cli(gateway, "approvals", "deny", id);
    expect([late.code, late.stderr.includes("ALREADY_RESOLVED")]).toEqual([1, true]);

    expect((await cli(gateway, "undo")).stdout).toContain("created notes/hello.md");
    expect((await cli(gateway, "undo", "--last")).stdout).toContain("Undone: ");
    expect(existsSync(noteOf(gateway))).toBe(false);

    const record = (await cli(gateway, "audit", "list")).stdout;
    for (const type of ["approval.requested", "approval.resolved", "tool.started", "tool.finished", "file.undone"]) {
      expect(record).toContain(type);
    }
  });

  it("[I02] a denied call does not run, and the conversation goes on", async () => {
    const gateway = await serveGateway(tempState());
    const { id, talk } = await ask(gateway);
    expect((await cli(gateway, "approvals", "deny", id)).code).toBe(0);
    expect((await talk.ended).stdout).toContain("You said no");
    expect(existsSync(noteOf(gateway))).toBe(false);
    expect((await cli(gateway, "approvals")).stdout).toBe("Nothing waits for you.\n");
  });

  it("tells what a call would come to, and runs nothing", async () => {
    const gateway = await serveGateway(tempState());
    const args = JSON.stringify({ path: "a.md", content: "x" });
    expect((await cli(gateway, "explain", "write", args)).stdout).toMatch(/^write: level 4, asks you first: /);
    expect((await cli(gateway, "explain", "time")).stdout).toMatch(/^time: level 1, runs without asking: /);
    expect(existsSync(join(gateway.dir, "state", "workspace", "a.md"))).toBe(false);
  });

  it("[I09] names the entry that someone altered, and ends with 1", async () => {
    const dir = tempState();
    const gateway = await serveGateway(dir);
    const { id, talk } = await ask(gateway);
    await cli(gateway, "approvals", "deny", id);
    await talk.ended;
    const good = await cli(gateway, "audit", "verify");
    expect([good.code, good.stdout.startsWith("The record holds: ")]).toEqual([0, true]);
    const exported = (await cli(gateway, "audit", "export", "--type", "approval.resolved")).stdout.trim();
    const { seq } = JSON.parse(exported) as { seq: number };
    gateway.child.kill("SIGTERM");
    await gateway.ended;
    const db = new Database(join(dir, "state", "gatehouse.db"));
    db.exec("DROP TRIGGER audit_log_no_update");
    db.prepare("UPDATE audit_log SET actor = 'owner' WHERE seq = ?").run(seq);
    db.close();
    const again = await serveGateway(dir);
    const bad = await cli(again, "audit", "verify");
    expect(bad.code).toBe(1);
    expect(bad.stderr).toContain(`entry ${seq} `);
  });
});

describe("a budget", () => {
  it("[I02] holds a paid request up until the owner allows more, and sends nothing without", async () => {
    const service = await startFakeOpenAI();
    onTestFinished(() => service.close());
    const price = { input: 1000, output: 1000 };
    const gateway = await serveGateway(tempState(), {
      llm: {
        model: "paid/m",
        providers: { paid: { kind: "openai", baseUrl: `${service.url}/v1`, models: [{ id: "m", price }] } },
      },
      budgets: { dailyUsd: 0.01 },
    });
    const first = await ask(gateway, "hello");
    expect(first.request.summary).toMatch(
      /^Spend more than \$0\.01 today: \$0\.00 so far; this request may cost about/,
    );
    expect(service.requests).toHaveLength(0);
    await cli(gateway, "approvals", "deny", first.id);
    const denied = await first.talk.ended;
    expect([denied.code, denied.stderr.includes("today's budget is used up")]).toEqual([1, true]);
    expect(service.requests).toHaveLength(0);

    const second = await ask(gateway, "hello again");
    await cli(gateway, "approvals", "allow", second.id);
    expect((await second.talk.ended).code).toBe(0);
    expect(service.requests).toHaveLength(1);
    expect((await cli(gateway, "audit", "list", "--type", "budget.exceeded")).stdout.trim().split("\n")).toHaveLength(
      2,
    );
  });
});
