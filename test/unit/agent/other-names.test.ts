import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toCommandText, toOwnArguments } from "#main/agent/other-names.ts";
import { createToolboxes } from "#main/agent/toolbox.ts";
import { createTools } from "#main/tools/index.ts";

describe("exec", () => {
  it("[H14] becomes a command of bash, its folder included", () => {
    const given = { command: "git", args: ["log", "--format=%h %s"], working_dir: "src", timeout_ms: 5 };
    expect(toOwnArguments("exec", given, "linux")).toEqual({
      command: "git log '--format=%h %s'",
      cwd: "src",
      timeout_ms: 5,
      report: "exec",
    });
  });

  it("[H14] without arguments is the line that the model wrote", () => {
    for (const args of [undefined, null, []]) {
      expect(toOwnArguments("exec", { command: "ls -la | wc", args }, "linux")).toEqual({
        command: "ls -la | wc",
        report: "exec",
      });
    }
  });

  it.each([
    [{ command: "ls", args: "-la" }, "args is a list of strings."],
    [{ command: "ls", args: ["-la", 1] }, "args is a list of strings."],
    [{ command: ["ls"] }, "command is a text."],
    [{}, "command is a text."],
    [{ command: "ls", working_dir: "a", cwd: "b" }, "give working_dir or cwd, not both."],
  ])("[H14] refuses %j", (given, problem) => {
    expect(toOwnArguments("exec", given, "linux")).toBe(problem);
  });

  it("[H14] makes no word of an argument a word of the shell", () => {
    const word = fc.oneof(
      fc.string({ maxLength: 12 }).filter((text) => !text.includes("\0")),
      fc.constantFrom(
        "$(id)",
        "`id`",
        "a;b",
        "'",
        '"',
        "\\",
        "~",
        "*",
        "a\nb",
        "",
        "A=b",
        "-n",
        "!!",
        "{a,b}",
        "#x",
        "$IFS",
      ),
    );
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 5 }), (args) => {
        const text = toCommandText("printf", ["%s\\0", ...args], "linux");
        const { stdout } = spawnSync("bash", ["--noprofile", "--norc", "-c", text], { encoding: "utf8" });
        expect(stdout).toBe(args.map((arg) => `${arg}\0`).join(""));
      }),
      { numRuns: 40 },
    );
  });

  it("[H14] names a program, never an assignment or a word of the shell's grammar", () => {
    expect(toCommandText("PATH=/x", ["ls"], "linux")).toBe("'PATH=/x' ls");
    expect(toCommandText("if", ["x"], "linux")).toBe("'if' x");
    expect(toCommandText("a b;c", ["x"], "linux")).toBe("'a b;c' x");
    expect(toCommandText("it's", [], "linux")).toBe("'it'\\''s'");
  });

  it("[H14] is quoted for PowerShell on Windows, curly quotes too", () => {
    expect(toCommandText("C:\\a b\\x.exe", ["it's", "$env:X", "\u2019; rm"], "win32")).toBe(
      "& 'C:\\a b\\x.exe' 'it''s' '$env:X' '\u2019\u2019; rm'",
    );
  });
});

describe("a call by another name", () => {
  const toolbox = createToolboxes()(createTools());
  const parse = (name: string, args: unknown) => toolbox.parse({ id: "c", name, argumentsJson: JSON.stringify(args) });

  it.each([
    ["read_file", { path: "a" }, "read", 1],
    ["write_file", { path: "a", content: "b" }, "write", 4],
    ["list_files", {}, "ls", 1],
    ["exec", { command: "ls", args: ["-la"] }, "bash", 5],
    ["exec", { command: "ls; rm x" }, "bash", 7],
    ["exec", { command: "ls", args: [";", "rm"] }, "bash", 5],
    ["exec", { command: "rm", args: ["x"] }, "bash", 7],
    ["exec", { command: "ls;rm", args: ["x"] }, "bash", 7],
  ] as const)("[H14] %s %j is a call of %s at level %i", (name, args, tool, level) => {
    expect(parse(name, args)).toMatchObject({ ok: true, call: { name: tool, level } });
  });

  it("[H14] is judged by the tool's own schema", () => {
    expect(parse("read_file", { file: "a" })).toMatchObject({ ok: false, error: expect.stringContaining("read_file") });
    expect(parse("exec", { command: "ls", surprise: 1 })).toMatchObject({ ok: false });
    expect(parse("exec", { command: "ls", args: [1] })).toMatchObject({ ok: false });
    expect(parse("exec", { command: "ls", working_dir: 5 })).toMatchObject({ ok: false });
  });

  it("[H14] is not told to a model: the request carries the tools' own names only", () => {
    const names = toolbox.specs.map((spec) => spec.name);
    for (const name of ["read_file", "write_file", "list_files", "exec"]) expect(names).not.toContain(name);
    expect(JSON.stringify(toolbox.specs)).not.toContain("report");
  });

  it("[H14] is unknown where the tool itself is not there", () => {
    const without = createToolboxes()(createTools().filter((tool) => tool.name !== "bash"));
    expect(without.parse({ id: "c", name: "exec", argumentsJson: '{"command":"ls"}' })).toMatchObject({
      ok: false,
      isUnknown: true,
    });
    expect(parse("__proto__", {})).toMatchObject({ ok: false, isUnknown: true });
  });
});
