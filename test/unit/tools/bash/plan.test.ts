import { execFileSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Refused } from "#main/base/errors.ts";
import { classify } from "#main/tools/bash/level/classify.ts";
import { planCommand, type Planned } from "#main/tools/bash/plan.ts";
import { literalOf } from "#main/tools/bash/shell/ast.ts";
import type { Plan } from "#main/tools/contract.ts";
import { createToolContext } from "#test/fakes/tool-context.ts";

let base: string;
let workspace: string;

beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), "bash-plan-")));
  workspace = join(base, "workspace");
  mkdirSync(workspace);
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

const put = (name: string, content: string) => writeFileSync(join(workspace, name), content);
const plan = (command: string, given: Partial<Planned> = {}, commandEnv: Record<string, string> = {}): Promise<Plan> =>
  planCommand(
    { command, ...given },
    createToolContext({
      workspace,
      protectedPaths: [join(base, "state")],
      commandEnv: { PATH: "/usr/bin:/bin", HOME: base, ...commandEnv },
    }),
    "linux",
  );
const refusal = async (planned: Promise<unknown>): Promise<string> => {
  const thrown: unknown = await planned.catch((error: unknown) => error);
  expect(thrown).toBeInstanceOf(Refused);
  return (thrown as Refused).message;
};
const fileNamed = (found: Plan, name: string) => found.files?.find(({ path }) => path.endsWith(`/${name}`));

describe("the plan of a command that only looks", () => {
  it("holds the words themselves, without a shell", async () => {
    const { exec, why, files } = await plan("l\\s -l 'a b'");
    expect(exec).toMatchObject({ command: "/usr/bin/ls -l 'a b'", argv: ["/usr/bin/ls", "-l", "a b"], cwd: workspace });
    expect(exec?.resolvedPath).toBe(realpathSync("/usr/bin/ls"));
    expect(why).toBeUndefined();
    expect(files?.map(({ path }) => path)).toEqual([realpathSync("/usr/bin/ls"), workspace]);
    expect(files?.[0]?.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(files?.[1]).toEqual({ path: workspace, identity: expect.stringMatching(/^\d+:\d+$/) });
  });
  it("goes through a shell only for names to put in, with words quoted anew", async () => {
    const { exec } = await plan("ls 'a;b' ./*.ts ~/x");
    expect(exec?.command).toBe("/usr/bin/ls 'a;b' ./*.ts ~/x");
    expect(exec?.argv).toEqual(["/bin/bash", "--noprofile", "--norc", "-c", exec?.command]);
  });
  it("[AP-14] finds the program in the system's own folders only", async () => {
    mkdirSync(join(workspace, "bin"));
    put("bin/ls", "#!/bin/sh\nrm -rf x\n");
    chmodSync(join(workspace, "bin/ls"), 0o755);
    const path = { PATH: `${join(workspace, "bin")}:.:/usr/bin` };
    expect((await plan("ls", {}, path)).exec).toMatchObject({ argv: ["/usr/bin/ls"], env: { PATH: "/usr/bin" } });
    // A command that needs a shell takes what the environment says, and shows which file that is.
    expect(fileNamed(await plan("ls | cat", {}, path), "bin/ls")?.path).toBe(join(workspace, "bin/ls"));
  });
  it("[AP-16] takes no variable along that runs or steers something", async () => {
    const hostile = {
      ...{ LD_PRELOAD: "x", BASH_ENV: "x", "BASH_FUNC_ls%%": "() { rm x; }", GIT_EXTERNAL_DIFF: "x", PS_FORMAT: "x" },
      ...{ RIPGREP_CONFIG_PATH: "x", LANG: "C" },
    };
    const { exec } = await plan("ls ./*", {}, hostile);
    expect(exec?.env).toEqual({ PATH: "/usr/bin:/bin", HOME: base, LANG: "C" });
    const shell = await plan("ls | cat", {}, hostile);
    expect(shell.exec?.env).toEqual({
      ...{ PATH: "/usr/bin:/bin", HOME: base, LANG: "C" },
      ...{ GIT_EXTERNAL_DIFF: "x", PS_FORMAT: "x", RIPGREP_CONFIG_PATH: "x" },
    });
  });
  it("refuses a link to a process, and what belongs to the gateway", async () => {
    mkdirSync(join(base, "state"));
    writeFileSync(join(base, "state/secret"), "x");
    symlinkSync("/proc/self", join(workspace, "me"));
    symlinkSync(join(base, "state"), join(workspace, "innocent"));
    expect(await refusal(plan("cat me/environ"))).toContain("is a link to /proc/");
    expect(await refusal(plan("cat ../state/secret"))).toContain("belongs to the gateway");
    expect(await refusal(plan("cat innocent/secret"))).toContain("belongs to the gateway");
    expect((await plan("cat ../other")).exec?.argv).toEqual(["/usr/bin/cat", "../other"]);
  });
  it("[AP-04] runs in the real folder, and stays in the workspace", async () => {
    mkdirSync(join(workspace, "src"));
    symlinkSync("src", join(workspace, "link"));
    symlinkSync(base, join(workspace, "out"));
    expect((await plan("ls", { cwd: "link" })).exec?.cwd).toBe(join(workspace, "src"));
    expect(await refusal(plan("ls", { cwd: "out" }))).toContain("outside the workspace");
    expect(await refusal(plan("ls", { cwd: ".." }))).toContain("outside the workspace");
    expect(await refusal(plan("ls", { cwd: "gone" }))).toContain("not a folder");
    const shown = await plan("ls | cat", { cwd: ".." });
    expect(shown).toMatchObject({ exec: { cwd: base }, summary: `Run in ${base}: ls | cat` });
  });
});

describe("the plan of any other command", () => {
  it("holds bash and the text as it is written, and says why", async () => {
    const text = "cat a.txt |  sort # really";
    const { exec, why } = await plan(text);
    expect(exec?.argv).toEqual(["/bin/bash", "--noprofile", "--norc", "-c", text]);
    expect(exec?.command).toBe(text);
    expect(why).toBe("Needs a full shell: the command has a pipe.");
    expect((await plan("rm x")).why).toBe("Needs a full shell: 'rm' is not on the list of programs that only look.");
  });
  it("[AP-05] changes when a script that it runs changes", async () => {
    put("go.sh", "echo 1\n");
    put("Makefile", "all:\n");
    const texts = [
      "bash go.sh",
      "./go.sh; ls",
      "env X=1 sh -x go.sh",
      "sudo timeout 5 bash go.sh | cat",
      "if :; then . ./go.sh; fi",
    ];
    chmodSync(join(workspace, "go.sh"), 0o755);
    for (const text of texts) {
      const before = fileNamed(await plan(text), "go.sh");
      expect(before?.sha256, text).toMatch(/^[0-9a-f]{64}$/);
      put("go.sh", `echo ${text}\n`);
      expect(fileNamed(await plan(text), "go.sh")?.sha256).not.toBe(before?.sha256);
    }
    expect(fileNamed(await plan("make all"), "Makefile")).toBeDefined();
    // Its twin: a command that does not run the script does not depend on it.
    expect(fileNamed(await plan("rm go.shx"), "go.sh")).toBeUndefined();
  });
  it("[AP-03] tells programs apart whose names differ in a blank", async () => {
    put("x ", "#!/bin/sh\n");
    put("x", "#!/bin/sh\necho other\n");
    for (const name of ["x", "x "]) chmodSync(join(workspace, name), 0o755);
    const [spaced, plain] = [await plan("'./x '"), await plan("./x")];
    expect(spaced.exec?.argv).not.toEqual(plain.exec?.argv);
    expect([fileNamed(spaced, "x "), fileNamed(plain, "x")].map((file) => file?.sha256?.length)).toEqual([64, 64]);
  });
  it("is refused where bash would read the text as an option, or not at all", async () => {
    expect(await refusal(plan("-x"))).toContain("cannot begin with");
    expect(await refusal(plan("+O extglob"))).toContain("cannot begin with");
    expect(await refusal(plan("ls\0"))).toContain("zero byte");
  });
  it("[AP-33] on Windows is never divided into words and always asks", async () => {
    const context = createToolContext({ workspace, commandEnv: { Path: "/usr/bin" } });
    expect(await refusal(planCommand({ command: "dir" }, context, "win32"))).toContain("no PowerShell");
  });
});

describe("git", () => {
  const git = (...args: string[]) => execFileSync("git", ["-C", workspace, ...args], { stdio: "pipe" });
  const run = (found: Plan) =>
    execFileSync(found.exec?.argv[0] ?? "", found.exec?.argv.slice(1) ?? [], {
      cwd: found.exec?.cwd ?? "",
      env: found.exec?.env ?? {},
    }).toString();
  const wasRun = () => execFileSync("ls", [base]).toString().includes("ran");

  beforeEach(() => {
    git("init", "-q");
    put("a.txt", "one\n");
    git("add", ".");
    git("-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-q", "-m", "first");
    put("a.txt", "two\n");
  });

  it("is given its guards, and they are shown", async () => {
    const { exec } = await plan("git diff a.txt");
    expect(exec?.command).toBe(
      "/usr/bin/git --no-pager diff --no-ext-diff --no-textconv --ignore-submodules=all a.txt",
    );
    expect(exec?.env).toMatchObject({ GIT_CONFIG_GLOBAL: "/dev/null", GIT_OPTIONAL_LOCKS: "0" });
  });
  it("works with all subcommands of the list", async () => {
    const texts = [
      "status",
      "log -p",
      "diff",
      "show",
      "branch --list",
      "rev-parse HEAD",
      "ls-files -m",
      "blame a.txt",
      "diff -- ./*.txt",
    ];
    for (const text of texts) expect(run(await plan(`git ${text}`)), text).not.toBe("");
  });
  it("runs nothing that the repository's own settings name for looking", async () => {
    const program = join(base, "evil");
    writeFileSync(program, `#!/bin/sh\ntouch ${join(base, "ran")}\ncat\n`);
    chmodSync(program, 0o755);
    for (const key of [
      "core.fsmonitor",
      "diff.external",
      "diff.x.textconv",
      "diff.x.command",
      "core.pager",
      "gpg.program",
    ]) {
      git("config", key, program);
    }
    git("config", "log.showSignature", "true");
    put(".gitattributes", "*.txt diff=x\n");
    for (const text of ["status", "diff", "log -p", "show", "blame a.txt", "ls-files -m"])
      run(await plan(`git ${text}`));
    expect(wasRun()).toBe(false);
    // Its twin: without the guards the same settings do run it.
    git("diff");
    expect(wasRun()).toBe(true);
  });
  it("asks where settings cannot be switched off", async () => {
    git("config", "filter.x.clean", join(base, "evil"));
    expect(await refusal(plan("git status"))).toContain("a section [filter]");
    expect((await plan("command git status")).why).toContain("not on the list");
  });
});

describe("reading a text", () => {
  it("gives the words that bash gives", () => {
    const golden = JSON.parse(
      readFileSync(new URL("../../../fixtures/commands/golden.json", import.meta.url), "utf8"),
    ) as { command: string; level: number }[];
    const looks = golden.flatMap(({ command }) => {
      const found = classify(command);
      const words = found.level === 5 ? found.words.map(literalOf) : [undefined];
      return words.every((word) => word !== undefined) ? [{ command: command.trim(), words }] : [];
    });
    expect(looks.length).toBeGreaterThan(200);
    const script = looks.map(({ command }) => `f ${command}\nprintf '\\1'`).join("\n");
    const printer = `f() { for w in "$@"; do printf '%s\\0' "$w"; done; }\n`;
    const said = execFileSync("/bin/bash", ["--noprofile", "--norc", "-c", printer + script], { env: {} }).toString();
    const byBash = said
      .split("\u0001")
      .slice(0, -1)
      .map((words) => words.split("\0").slice(0, -1));
    expect(byBash).toEqual(looks.map(({ words }) => words));
  });
});
