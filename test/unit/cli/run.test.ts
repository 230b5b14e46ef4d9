import { describe, expect, it } from "vitest";
import { COMMANDS, LATER_COMMANDS } from "#main/cli/commands.ts";
import { runCommand } from "#main/cli/run.ts";
import { nearestName } from "#main/cli/help.ts";
import { createFakeWorld } from "./fake-world.ts";

/** The exit code and the streams of one call. */
async function call(...argv: string[]) {
  const world = createFakeWorld();
  return { code: await runCommand(argv, world), out: world.out, err: world.err };
}

describe("the command line", () => {
  it("[R02] prints the version", async () => {
    for (const word of ["version", "--version", "-v"]) {
      expect(await call(word)).toEqual({ code: 0, out: "gatehouse 1.2.3\n", err: "" });
    }
    expect(JSON.parse((await call("version", "--json")).out)).toMatchObject({ version: "1.2.3" });
  });

  it("[R02] prints the help, which names every command there is and no other", async () => {
    for (const argv of [["--help"], ["-h"], ["help"], []]) {
      const { code, out } = await call(...argv);
      expect(code).toBe(0);
      for (const { name } of COMMANDS) expect(out).toContain(`\n  ${name} `);
      for (const name of LATER_COMMANDS) expect(out).not.toContain(`\n  ${name} `);
    }
  });

  it("[R02] prints the help of each command with its options", async () => {
    for (const { name, options } of COMMANDS) {
      for (const argv of [
        [name, "--help"],
        [name, "-h"],
        ["help", name],
      ]) {
        const { code, out } = await call(...argv);
        expect(code).toBe(0);
        expect(out).toContain(`Usage: gatehouse ${name}`);
        for (const option of Object.keys(options)) expect(out).toContain(`--${option}`);
      }
    }
  });

  it("says of an unknown command which was meant, and ends with 2", async () => {
    expect(await call("serv")).toMatchObject({
      code: 2,
      out: "",
      err: expect.stringContaining("Did you mean serve?") as unknown,
    });
    expect((await call("xyzzy")).err).toContain("Commands: serve, open,");
  });

  it("says plainly what is not in this version", async () => {
    for (const name of LATER_COMMANDS) {
      expect(await call(name)).toEqual({ code: 2, out: "", err: `gatehouse: ${name} is not in this version\n` });
    }
  });

  it("ends with 2 on unknown options and wrong arguments, with a pointer to the help", async () => {
    for (const argv of [
      ["serve", "--prot", "1"],
      ["serve", "--port", "x"],
      ["serve", "--port", "70000"],
      ["serve", "here"],
      ["serve", "--log-level", "loud"],
      ["serve", "--token", ""],
      ["call"],
      ["call", "health", "{nope"],
      ["call", "health", "{}", "{}"],
      ["call", "health", "--timeout", "soon"],
      ["devices", "approve"],
      ["devices", "dance"],
      ["chat", "hello"],
      ["chat", "-e", "a", "-f", "b"],
      ["chat", "-f", "/nonexistent/file"],
      ["chat", "-i", "--json"],
      ["doctor", "now"],
    ]) {
      const { code, err } = await call(...argv);
      expect([argv, code]).toEqual([argv, 2]);
      expect(err).toContain(`Try: gatehouse ${argv[0]} --help`);
    }
  });
});

describe("the guess at a mistyped command", () => {
  it("finds neighbours and unique beginnings, and nothing far away", () => {
    const names = COMMANDS.map(({ name }) => name);
    expect(["sevre", "doctr", "DEVICE", "ver", "opne"].map((word) => nearestName(word, names))).toEqual([
      "serve",
      "doctor",
      "devices",
      "version",
      "open",
    ]);
    expect(nearestName("teleport", names)).toBeUndefined();
  });
});
