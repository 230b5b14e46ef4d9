/**
 * Approvals under fire, in this process over a real database: many answers at once to one question, and plans whose
 * ground is changed on disk between the yes and the run. The suite runs a short one over the same functions.
 */
import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Desk } from "#main/approvals/desk.ts";
import { createGate } from "#main/approvals/gate.ts";
import { Grants } from "#main/approvals/grants.ts";
import type { GuardedCall } from "#main/approvals/contract.ts";
import { createSystemClock } from "#main/base/clock.ts";
import type { CommandSpec } from "#main/base/command.ts";
import { silentLogger } from "#main/base/logger.ts";
import type { ApprovalDecision } from "#main/protocol/methods/approvals.ts";
import type { Config } from "#main/config/schema.ts";
import { withDefaults } from "#main/config/schema-walk.ts";
import { openDatabase } from "#main/store/database.ts";
import type { ToolContext } from "#main/tools/contract.ts";
import { createTools } from "#main/tools/index.ts";
import { createToolContext } from "../../test/fakes/tool-context.ts";
import { createRandom } from "./random.ts";

const OWNER = { id: "device:window", mayApprove: true };

/** A gate with the real tools, a real desk and a runner that only counts. */
async function openGround() {
  const dir = mkdtempSync(join(tmpdir(), "gatehouse-approvals-"));
  const workspace = join(dir, "work");
  mkdirSync(workspace);
  const clock = createSystemClock();
  const database = await openDatabase({
    ...{ path: join(dir, "gatehouse.db"), backupsDir: join(dir, "backups"), clock, log: silentLogger },
    wasUnclean: false,
  });
  const { db } = database;
  const desk = new Desk({ db, clock });
  const config = withDefaults({}) as Config;
  const tools = createTools();
  const ran: CommandSpec[] = [];
  const env: Record<string, string> = { PATH: "/usr/bin:/bin" };
  const commands: ToolContext["commands"] = {
    async run(spec) {
      ran.push(spec);
      return {
        ...{ exitCode: 0, signal: null, timedOut: false, durationMs: 1, stdout: "", stderr: "", droppedBytes: 0 },
      };
    },
    start: () => Promise.reject(new Error("nothing runs in the background here")),
  };
  const gate = createGate({
    ...{ clock, desk, grants: new Grants({ db, clock }), audit: { append: async () => {} } },
    findTool: (name) => tools.find((tool) => tool.name === name),
    createContext: (_call, signal) =>
      createToolContext({ workspace, clock, signal, commands, commandEnv: { ...env }, overflowDir: dir }),
    config: () => config,
    isElevated: () => false,
    host: () => "this computer",
    cutSecrets: (text) => text,
  });
  const bash = tools.find((tool) => tool.name === "bash");
  const toCall = (args: Record<string, unknown>, number: number): GuardedCall => ({
    ...{ callId: `c${number}`, runId: `r${number}`, tool: "bash", args, agentId: "main" },
    ...{ level: bash?.level(args as never) ?? 9, sessionKey: "agent:main:main" },
    requester: { channel: "webchat", sender: "window", isOwner: true },
  });
  /** Asks; gives the id of the question and the result that will come. */
  const ask = async (call: GuardedCall) => {
    const asked = Promise.withResolvers<string>();
    const progress = { onWaiting: asked.resolve, onResolved() {}, onStart() {} };
    const result = gate.execute(call, progress, new AbortController().signal);
    void result.then(({ text }) => asked.reject(new Error(`not asked: ${text}`)), asked.reject);
    return { id: await asked.promise, result };
  };
  return {
    ...{ dir, workspace, desk, ran, env, toCall, ask },
    async dispose() {
      await desk.dispose();
      await database.close();
      rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

type Ground = Awaited<ReturnType<typeof openGround>>;

export interface RaceReport {
  races: number;
  answers: number;
  /** Races in which more or less than one answer won, or a run happened other than the winner said. */
  faults: string[];
}

/** `answers` answers at once, half of them "no", to each of `races` questions. */
export async function runRaces(options: { races: number; answers: number; seed: number }): Promise<RaceReport> {
  const ground = await openGround();
  const random = createRandom(options.seed);
  const faults: string[] = [];
  try {
    for (let race = 0; race < options.races; race++) {
      const { id, result } = await ground.ask(ground.toCall({ command: `echo ${race} | cat` }, race));
      const before = ground.ran.length;
      const decisions = Array.from({ length: options.answers }, (): ApprovalDecision =>
        random() < 0.5 ? "deny" : "allow-once",
      );
      const outcomes = await Promise.all(
        decisions.map((decision, at) =>
          ground.desk.resolve(id, decision, { ...OWNER, id: `device:${at}` }).then(
            () => decision,
            () => undefined,
          ),
        ),
      );
      await result;
      const winners = outcomes.filter((outcome) => outcome !== undefined);
      const runs = ground.ran.length - before;
      if (winners.length !== 1) faults.push(`race ${race}: ${winners.length} answers won`);
      if (runs !== Number(winners[0] === "allow-once")) faults.push(`race ${race}: ${winners[0]}, and ${runs} runs`);
    }
    return { ...options, faults };
  } finally {
    await ground.dispose();
  }
}

/** What is changed between the question and the yes. Each returns the change to make; `place` is the folder of the case. */
const DRIFTS: Readonly<Record<string, (place: string, ground: Ground, call: GuardedCall) => void>> = {
  "the script's text": (place) => writeFileSync(join(place, "job.sh"), "echo other\n"),
  "one byte of the script": (place) => writeFileSync(join(place, "job.sh"), "echo jub\n"),
  "the script is gone": (place) => unlinkSync(join(place, "job.sh")),
  "the script is a link": (place) => {
    renameSync(join(place, "job.sh"), join(place, "job.away"));
    writeFileSync(join(place, "evil.sh"), "echo job #\n");
    symlinkSync("evil.sh", join(place, "job.sh"));
  },
  "the program's text": (place) => writeFileSync(join(place, "tool"), "#!/bin/sh\necho other\n"),
  "the program is another file": (place) => {
    writeFileSync(join(place, "tool.new"), "#!/bin/sh\necho two\n", { mode: 0o755 });
    renameSync(join(place, "tool.new"), join(place, "tool"));
  },
  "the link of the program": (place) => {
    unlinkSync(join(place, "linked"));
    symlinkSync("job.sh", join(place, "linked"));
  },
  "the folder is another": (place) => {
    renameSync(place, `${place}-away`);
    makePlace(place);
  },
  "the folder is a link": (place) => {
    renameSync(place, `${place}-away`);
    makePlace(`${place}-other`);
    symlinkSync(`${place}-other`, place);
  },
  "the environment": (_place, { env }) => void (env["LANG"] = `C.${Math.random()}`),
  "the path of programs": (_place, { env }) => void (env["PATH"] = `/sbin:${env["PATH"] ?? ""}`),
  "the command": (_place, _ground, call) => void (call.args["command"] = `${String(call.args["command"])} `),
  "the folder's name": (_place, _ground, call) => void (call.args["cwd"] = "."),
  "the level": (_place, _ground, call) => void (call.level = 6),
  "the conversation": (_place, _ground, call) => void (call.sessionKey = "agent:main:other"),
  "the agent": (_place, _ground, call) => void (call.agentId = "other"),
};
const COMMANDS = ["./tool && sh job.sh; ./linked", "sh job.sh | ./tool | ./linked", "./linked; ./tool; . ./job.sh"];

function makePlace(place: string): void {
  mkdirSync(place);
  writeFileSync(join(place, "job.sh"), "echo job\n");
  for (const name of ["tool", "real"]) {
    writeFileSync(join(place, name), "#!/bin/sh\necho one\n");
    chmodSync(join(place, name), 0o755);
  }
  symlinkSync("real", join(place, "linked"));
}

export interface DriftReport {
  cases: number;
  seed: number;
  /** Cases by what was changed. */
  byDrift: Record<string, number>;
  /** Unchanged plans, which must run, or the rest shows nothing. */
  unchanged: number;
  /** Plans that ran though something had changed, or did not though nothing had. */
  faults: string[];
}

/** Plans with the real bash tool, changes the world, says yes, and looks whether anything ran. */
export async function runDrifts(options: { cases: number; seed: number }): Promise<DriftReport> {
  const ground = await openGround();
  const random = createRandom(options.seed);
  const names = Object.keys(DRIFTS);
  const report: DriftReport = { ...options, byDrift: {}, unchanged: 0, faults: [] };
  try {
    for (let number = 0; number < options.cases; number++) {
      const place = join(ground.workspace, `p${number}`);
      makePlace(place);
      ground.env["PATH"] = "/usr/bin:/bin";
      const command = COMMANDS[Math.floor(random() * COMMANDS.length)] ?? "";
      const call = ground.toCall({ command, cwd: `p${number}` }, number);
      const { id, result } = await ground.ask(call);
      // One in twenty stays as it was.
      const drift = random() < 0.05 ? undefined : (names[number % names.length] ?? "");
      if (drift !== undefined) DRIFTS[drift]?.(place, ground, call);
      const before = ground.ran.length;
      await ground.desk.resolve(id, "allow-once", OWNER);
      await result;
      const runs = ground.ran.length - before;
      if (drift === undefined) report.unchanged += 1;
      else report.byDrift[drift] = (report.byDrift[drift] ?? 0) + 1;
      if (runs !== Number(drift === undefined))
        report.faults.push(`case ${number}: ${drift ?? "nothing"}: ${runs} runs`);
      for (const end of ["", "-away", "-other"]) rmSync(`${place}${end}`, { recursive: true, force: true });
    }
    return report;
  } finally {
    await ground.dispose();
  }
}
