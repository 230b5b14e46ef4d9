/** The cases about approvals (AP) on every way that leads to a tool. Each shows its opposite beside it. */
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Approval } from "#main/protocol/methods/approvals.ts";
import { startActing, WAY_NAMES, type ActingWorld, type Way } from "./world.ts";

let world: ActingWorld;
let number = 0;

beforeAll(async () => {
  world = await startActing();
});
afterAll(() => world.dispose());

const wayOf = (name: string): Way => world.ways.find((way) => way.name === name) as Way;
/** A command that leaves a trace, and what tells whether it ran. */
function trace() {
  const name = `trace-${number++}`;
  return { command: `echo ran >> ${name}`, runs: () => (world.content(name) ?? "").split("\n").length - 1 };
}

describe.each(WAY_NAMES)("an action that needs the owner, by %s", (name) => {
  it("[I02] [HT-28] [AP-07] [AP-09] does nothing before the answer, and runs once when it is allowed", async () => {
    const { command, runs } = trace();
    const { asked, end } = await wayOf(name).start("bash", { command });
    const id = (await asked) ?? "";
    expect(runs()).toBe(0);
    const { request } = await world.approval(id);
    expect(request).toMatchObject({ tool: "bash", level: 7, command, cwd: world.workspace });
    await world.answer(id, "allow-once");
    expect(await end).toMatchObject({ isError: false });
    expect(runs()).toBe(1);
    expect(await world.approval(id)).toMatchObject({ outcome: "allowed", run: "done" });
  });

  it("[I04] does nothing when it is denied", async () => {
    const { command, runs } = trace();
    const { asked, end } = await wayOf(name).start("bash", { command });
    await world.answer((await asked) ?? "", "deny");
    expect(await end).toMatchObject({ isError: true });
    expect(runs()).toBe(0);
  });

  it.each([
    ["AP-05", "the script changed", (dir: string) => writeFileSync(join(dir, "job.sh"), "echo ran twice >> out\n")],
    ["AP-06", "the program was swapped", (dir: string) => swap(join(dir, "tool"))],
    ["AP-04", "the folder became a link", (dir: string) => relink(dir)],
    ["AP-01", "nothing changed", undefined],
  ])("[%s] runs nothing when, between the question and the yes, %s", async (_row, _what, change) => {
    const place = `place-${number++}`;
    const dir = join(world.workspace, place);
    mkdirSync(dir);
    writeFileSync(join(dir, "job.sh"), "echo ran >> out\n");
    writeFileSync(join(dir, "tool"), "#!/bin/sh\necho ran >> out\n");
    chmodSync(join(dir, "tool"), 0o755);
    const { asked, end } = await wayOf(name).start("bash", { command: "./tool && sh job.sh", cwd: place });
    const id = (await asked) ?? "";
    change?.(dir);
    await world.answer(id, "allow-once");
    const { text } = await end;
    const ran = [dir, `${dir}-before`].some((one) => exists(join(one, "out")));
    expect(ran).toBe(change === undefined);
    if (change !== undefined) expect(text).toMatch(/since the owner was asked|cannot be done any more/);
  });

  it("[AP-29] counts the rules of the moment of the run, not of the question", async () => {
    const { command, runs } = trace();
    const { asked, end } = await wayOf(name).start("bash", { command });
    const id = (await asked) ?? "";
    await world.configure({ tools: { deny: ["bash"] } });
    await world.answer(id, "allow-once");
    const { text } = await end;
    await world.configure({ tools: { deny: null } });
    expect(text).toContain("no longer allowed");
    expect(runs()).toBe(0);
  });

  it("[AP-08] [AP-10] [AP-11] [AP-16] asks even where level 5 runs unasked, and lets plain looking run", async () => {
    await world.configure({ tools: { approvals: { autoApproveLevels: [1, 2, 3, 5] } } });
    const loud = [
      "echo $(id)",
      "echo `id`",
      "python3 -c 1",
      "env id",
      "timeout 5 id",
      "LD_PRELOAD=x.so id",
      "id; id",
      "id\nid",
    ];
    for (const command of loud) {
      const { asked, end } = await wayOf(name).start("bash", { command });
      const id = await asked;
      expect([command, id]).toEqual([command, expect.stringMatching(/^apr_/)]);
      await world.answer(id ?? "", "deny");
      await end;
    }
    const quiet = await wayOf(name).start("bash", { command: "id -u" });
    expect(await quiet.asked).toBeUndefined();
    expect((await quiet.end).text).toContain("exit_code: 0");
    await world.configure({ tools: { approvals: { autoApproveLevels: null } } });
  });

  it("[I05] decides about a tool under every name that it is called by", async () => {
    const { command, runs } = trace();
    const { asked, end } = await wayOf(name).start("exec", { command });
    const id = (await asked) ?? "";
    // The question names our tool, whatever the caller said.
    expect((await world.approval(id)).request.tool).toBe("bash");
    await world.answer(id, "deny");
    await end;
    await world.configure({ tools: { deny: ["exec"] } });
    for (const tool of ["bash", "exec"]) {
      const denied = await (await wayOf(name).start(tool, { command })).end;
      expect([tool, denied.isError]).toEqual([tool, true]);
    }
    await world.configure({ tools: { deny: null } });
    expect(runs()).toBe(0);
  });

  it("[AP-17] [LG-01] gives a program nothing of the gateway's environment", async () => {
    const { text } = await world.decided(wayOf(name), "bash", { command: "env" }, "allow-once");
    expect(text).toContain("PATH=");
    expect(text).not.toMatch(/GATEHOUSE_(?!COMMAND)|TOKEN|KEY|sk-fake|VITEST|NODE_/);
  });

  it("[AP-36] closes the input of a program that waits for words", async () => {
    const { text } = await world.decided(
      wayOf(name),
      "bash",
      { command: "read line; echo got=$line=; cat" },
      "allow-once",
    );
    expect(text).toContain("got==");
  });

  it("[FS-01] [FS-02] [FS-07] reads and writes nothing outside the workspace", async () => {
    const outside = join(world.stateDir, `outside-${number++}`);
    writeFileSync(outside, "private words");
    const link = `link-${number++}`;
    symlinkSync(outside, join(world.workspace, link));
    for (const path of [outside, `../${outside.split("/").at(-1)}`, link, "/etc/passwd", "/dev/zero"]) {
      const read = await (await wayOf(name).start("read", { path })).end;
      expect([path, read.isError, read.text.includes("private words")]).toEqual([path, true, false]);
      const written = await world.decided(wayOf(name), "write", { path, content: "taken" }, "allow-once");
      expect([path, written.isError]).toEqual([path, true]);
    }
    expect(readFileSync(outside, "utf8")).toBe("private words");
    const inside = `inside-${number++}`;
    await world.decided(wayOf(name), "write", { path: inside, content: "kept" }, "allow-once");
    expect(world.content(inside)).toBe("kept");
  });
});

function exists(path: string): boolean {
  try {
    readFileSync(path);
    return true;
  } catch {
    return false;
  }
}

function swap(path: string): void {
  writeFileSync(`${path}.new`, "#!/bin/sh\necho other >> out\n", { mode: 0o755 });
  renameSync(`${path}.new`, path);
}

function relink(dir: string): void {
  renameSync(dir, `${dir}-before`);
  const other = `${dir}-other`;
  mkdirSync(other);
  for (const file of ["job.sh", "tool"])
    writeFileSync(join(other, file), "#!/bin/sh\necho other >> out\n", { mode: 0o755 });
  symlinkSync(other, dir);
}

describe("an answer", () => {
  const ask = async () => {
    const { command, runs } = trace();
    const { asked, end } = await wayOf("tools.invoke").start("bash", { command });
    return { id: (await asked) ?? "", end, runs };
  };

  it("[AP-20] counts once, however many give it at the same moment", async () => {
    const second = await world.connect();
    const { id, runs } = await ask();
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, at) => {
        const from = at % 2 === 0 ? world.owner : second;
        return from.request("exec.approval.resolve", { id, decision: at % 3 === 0 ? "deny" : "allow-once" });
      }),
    );
    const approval = await world.approval(id);
    expect(answers.filter((answer) => answer.ok)).toHaveLength(1);
    const late = answers.find((answer) => !answer.ok)?.error;
    expect(late).toMatchObject({ details: { outcome: approval.outcome, decision: approval.decision } });
    await expect.poll(runs).toBe(approval.outcome === "allowed" ? 1 : 0);
  });

  it("[AP-21] [AP-23] stands: a later one changes nothing, is told what stands, and both are in the record", async () => {
    const { id, end, runs } = await ask();
    await world.answer(id, "allow-once");
    await end;
    const second = await world.connect();
    const error = await second.refusal("exec.approval.resolve", { id, decision: "deny" });
    expect(error).toMatchObject({ code: "ALREADY_RESOLVED", details: { decision: "allow-once", outcome: "allowed" } });
    const again = await second.refusal("exec.approval.resolve", { id, decision: "allow-once" });
    expect(again.code).toBe("ALREADY_RESOLVED");
    expect(runs()).toBe(1);
    const { entries } = await world.owner.call<{ entries: { type: string; message: string }[] }>("audit.list", {
      limit: 20,
    });
    const late = entries.filter((entry) => entry.type === "approval.late");
    expect(late.slice(0, 2).map((entry) => entry.message.split(":")[0])).toEqual([
      "allow-once came too late",
      "deny came too late",
    ]);
    expect(entries.some((entry) => entry.type === "approval.resolved")).toBe(true);
  });

  it("[AP-24] names the whole id, or nothing happens", async () => {
    const { id, runs, end } = await ask();
    for (const guess of [id.slice(0, -1), id.slice(0, 8), `${id}x`, id.toUpperCase(), "%", "*"]) {
      expect((await world.owner.refusal("exec.approval.resolve", { id: guess, decision: "allow-once" })).code).toBe(
        "APPROVAL_NOT_FOUND",
      );
    }
    expect(runs()).toBe(0);
    await world.answer(id, "deny");
    await end;
  });

  it("[AP-27] [AP-28] is not given by words in a conversation, whoever writes them", async () => {
    const { id, runs, end } = await ask();
    for (const [at, message] of [
      `/approve ${id} allow-once`,
      `allow ${id}`,
      "yes, allow it",
      `approve ${id}`,
    ].entries()) {
      const key = `words-${number}-${at}`;
      await world.owner.call("chat.send", { sessionKey: "words", message, idempotencyKey: key });
      await world.owner.event(
        "chat",
        (chat: { runId: string; state: string }) => chat.runId === key && chat.state === "final",
      );
    }
    expect((await world.approval(id)).status).toBe("pending");
    expect(runs()).toBe(0);
    await world.answer(id, "allow-once");
    await end;
    expect(runs()).toBe(1);
  });

  it("[AP-28] [HS-46] is neither seen nor given without the scope", async () => {
    const low = await world.connect({ scopes: ["operator.read", "operator.write"] });
    const { id, end } = await ask();
    for (const [method, params] of [
      ["exec.approval.list", {}],
      ["exec.approval.get", { id }],
      ["approval.history", {}],
      ["exec.approval.resolve", { id, decision: "allow-once" }],
      ["exec.approval.grants.list", {}],
      ["sessions.elevate", { key: "main", elevated: true }],
    ] as const) {
      expect((await low.refusal(method, params)).details).toMatchObject({ code: "MISSING_SCOPE" });
    }
    await world.answer(id, "deny");
    await end;
    expect(low.frames.filter((frame) => JSON.stringify(frame).includes(id))).toEqual([]);
    expect(world.owner.events("exec.approval.requested").some(({ payload }) => (payload as Approval).id === id)).toBe(
      true,
    );
  });

  it("[AP-12] [AP-37] 'always' covers the same command in the same conversation, and no other", async () => {
    const command = "echo once more | cat";
    const way = wayOf("tools.invoke");
    const first = await way.start("bash", { command }, "granted");
    const id = (await first.asked) ?? "";
    await world.answer(id, "allow-always");
    await first.end;
    expect(await (await way.start("bash", { command }, "granted")).asked).toBeUndefined();
    for (const [other, session] of [
      [`${command} `, "granted"],
      ["echo once more | cat -n", "granted"],
      [command, "another"],
      [command, "agent:other:granted"],
    ]) {
      const next = await way.start("bash", { command: other }, session);
      const asked = await next.asked;
      expect([other, session, asked]).toEqual([other, session, expect.stringMatching(/^apr_/)]);
      await world.answer(asked ?? "", "deny");
      await next.end;
    }
    const { grants } = await world.owner.call<{ grants: { grantId: string }[] }>("exec.approval.grants.list");
    for (const { grantId } of grants) await world.owner.call("exec.approval.grants.revoke", { grantId });
    const after = await way.start("bash", { command }, "granted");
    expect(await after.asked).toMatch(/^apr_/);
    await world.answer((await after.asked) ?? "", "deny");
    await after.end;
    const { entries } = await world.owner.call<{ entries: { type: string }[] }>("audit.list", {
      type: "grant.revoked",
    });
    expect(entries.length).toBe(grants.length);
  });

  it("[AP-18] [AP-19] is asked for with every hidden character written out, and nothing left out", async () => {
    const command = `echo safe\u202egnihtyna\u200b \u001b[2K; rm -rf x ${"y".repeat(5000)} end`;
    const { asked, end } = await wayOf("tools.invoke").start("bash", { command });
    const { request } = await world.approval((await asked) ?? "");
    expect(request.command).toContain("\\u{202e}");
    expect(request.command).toContain("\\u{200b}");
    expect(request.command).toContain("\\u{1b}");
    expect(request.command?.endsWith("y end")).toBe(true);
    expect(request.warnings.length).toBeGreaterThan(0);
    await world.answer((await asked) ?? "", "deny");
    await end;
    rmSync(join(world.workspace, "x"), { force: true });
  });
});
