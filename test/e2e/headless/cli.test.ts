import { existsSync, readFileSync, statSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { tempState } from "#test/fakes/temp-state.ts";
import { cleanEnv, cliPath, runCli, serveGateway, startCli, startProgram } from "./built-cli.ts";

/** Facts of a ready line. */
interface Ready {
  event: string;
  url: string;
  pid: number;
  version: string;
}

describe("serve", () => {
  it("[A14] prints one line when it answers, logs beside it, and ends with 0 on SIGTERM", async () => {
    const gateway = await serveGateway(tempState());
    const ready = JSON.parse(gateway.stdout) as Ready;
    expect(ready).toMatchObject({ event: "ready", pid: gateway.child.pid });
    expect(ready.version).toMatch(/^\d+\.\d+\.\d+/);
    expect((await fetch(`${ready.url}/health`)).status).toBe(200);
    expect(gateway.stderr).toContain("gateway ready");
    const asked = performance.now();
    gateway.child.kill("SIGTERM");
    const { code, stdout } = await gateway.ended;
    expect(code).toBe(0);
    expect(performance.now() - asked).toBeLessThan(5000);
    expect(stdout.trim().split("\n")).toHaveLength(1);
    expect(existsSync(join(gateway.dir, "state", "gateway.lock"))).toBe(false);
  });

  it("[A14] logs in JSON on standard output with --json", async () => {
    const running = startCli(["serve", "--port", "0", "--json"], cleanEnv(tempState()));
    await running.waitFor('"event":"ready"');
    running.child.kill("SIGINT");
    const { code, stdout, stderr } = await running.ended;
    expect([code, stderr]).toEqual([0, ""]);
    const lines = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.length).toBeGreaterThan(1);
    expect(lines.filter((line) => line["event"] === "ready")).toHaveLength(1);
  });

  it("[A02] listens on the port it is told, and says when that is taken", async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => new Promise<void>((resolve) => void taken.close(() => resolve())));
    const { port } = taken.address() as AddressInfo;
    const { code, stdout, stderr } = await runCli(["serve", "--port", String(port)], cleanEnv(tempState()));
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toContain("PORT_IN_USE");
    expect(stderr).toContain(String(port));
  });

  it("ends with 2 on an address other than loopback without TLS, and says what to change", async () => {
    const { code, stdout, stderr } = await runCli(["serve", "--port", "0", "--host", "0.0.0.0"], cleanEnv(tempState()));
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain("0.0.0.0");
  });

  it("ends with 3 on a state directory in use, naming process and address, and leaves the first one alone", async () => {
    const gateway = await serveGateway(tempState());
    const second = await runCli(["serve", "--port", "0"], gateway.env);
    expect(second.code).toBe(3);
    expect(second.stderr).toContain(`${gateway.child.pid} at ${gateway.url}`);
    expect((await fetch(`${gateway.url}/health`)).status).toBe(200);
  });

  it("starts again after it was killed", async () => {
    const dir = tempState();
    const gateway = await serveGateway(dir);
    gateway.child.kill("SIGKILL");
    await gateway.ended;
    const call = await runCli(["call", "health"], gateway.env);
    expect(call.code).toBe(1);
    expect(call.stderr).toContain("ended without a word");
    const again = await serveGateway(dir);
    expect((await runCli(["call", "health"], again.env)).code).toBe(0);
  });

  it("keeps folders and files to the account alone", async () => {
    const gateway = await serveGateway(tempState());
    const state = join(gateway.dir, "state");
    expect(statSync(state).mode & 0o777).toBe(0o700);
    for (const name of ["gatehouse.db", "gateway.lock", "gateway.sock"]) {
      expect([name, statSync(join(state, name)).mode & 0o077]).toEqual([name, 0]);
    }
    expect(readFileSync(join(state, "gateway.lock"), "utf8")).not.toContain(gateway.token);
  });
});

describe("the commands against a running gateway", () => {
  it("finds it without a token through the socket of this account", async () => {
    const gateway = await serveGateway(tempState());
    const { code, stdout } = await runCli(["call", "health"], cleanEnv(gateway.dir));
    expect([code, JSON.parse(stdout)]).toMatchObject([0, { ok: true }]);
    const wrong = await runCli(["call", "health", "--token", "wrong-one"], cleanEnv(gateway.dir));
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toMatch(/--token: unauthorized: gateway token mismatch/);
    expect(wrong.stderr).not.toContain("wrong-one");
  });

  it("prints answers and refusals of any method", async () => {
    const gateway = await serveGateway(tempState());
    const sessions = await runCli(["call", "sessions.list", "{limit: 5}"], gateway.env);
    expect(JSON.parse(sessions.stdout)).toMatchObject({ sessions: [] });
    const unknown = await runCli(["call", "nope"], gateway.env);
    expect([unknown.code, unknown.stdout]).toEqual([1, ""]);
    expect(unknown.stderr).toContain("INVALID_REQUEST: unknown method: nope");
    const agent = { message: "hello", idempotencyKey: "k1", sessionKey: "main" };
    const twice = await runCli(["call", "agent", JSON.stringify(agent)], gateway.env);
    expect(JSON.parse(twice.stdout)).toMatchObject({ status: "ok" });
  });

  it("prints a link with a code that is another each time", async () => {
    const gateway = await serveGateway(tempState());
    const links = new Set<string>();
    for (const _ of [1, 2]) links.add((await runCli(["open", "--print"], gateway.env)).stdout);
    expect(links.size).toBe(2);
    for (const link of links) expect(link).toMatch(new RegExp(`^${gateway.url}/#code=[\\w%.-]+\n$`));
  });

  it("starts nothing with open when none runs, and one in the background with --start", async () => {
    const dir = tempState();
    const env = cleanEnv(dir, { API_PORT: "0" });
    const without = await runCli(["open", "--print"], env);
    expect([without.code, without.stdout]).toEqual([1, ""]);
    const { code, stdout } = await runCli(["open", "--start", "--print"], env);
    const { pid } = JSON.parse(readFileSync(join(dir, "state", "gateway.lock"), "utf8")) as { pid: number };
    onTestFinished(() => void process.kill(pid, "SIGKILL"));
    expect([code, stdout]).toEqual([0, expect.stringContaining("/#code=")]);
    expect((await runCli(["call", "health"], env)).code).toBe(0);
  });

  it("reports to the doctor with and without a running gateway", async () => {
    const gateway = await serveGateway(tempState());
    for (const state of ["running", "stopped"]) {
      const { code, stdout } = await runCli(["doctor", "--json"], gateway.env);
      const report = JSON.parse(stdout) as { ok: boolean; findings: { area: string; level: string }[] };
      expect([state, report.findings.filter(({ level }) => level !== "ok"), code]).toEqual([state, [], 0]);
      gateway.child.kill("SIGTERM");
      await gateway.ended;
    }
  });

  it("lists devices: none at first", async () => {
    const gateway = await serveGateway(tempState());
    const { code, stdout } = await runCli(["devices", "list"], gateway.env);
    expect([code, stdout]).toEqual([0, "No device is paired.\n"]);
  });
});

describe("chat", () => {
  it("[R02] answers one message from an option, a file or a pipe", async () => {
    const gateway = await serveGateway(tempState());
    const option = await runCli(["chat", "-e", "hello"], gateway.env);
    expect([option.code, option.stderr]).toEqual([0, ""]);
    expect(option.stdout).toContain("demo");
    const piped = await runCli(["chat", "--json"], gateway.env, "hello");
    expect(JSON.parse(piped.stdout)).toMatchObject({ status: "ok", sessionKey: "agent:main:main" });
  });

  it("[R01] keeps the conversation: the history has what an earlier process said", async () => {
    const gateway = await serveGateway(tempState());
    await runCli(["chat", "-e", "remember the heron", "-s", "notes"], gateway.env);
    const { stdout } = await runCli(["chat", "-i", "-s", "notes"], gateway.env, "/history\n/exit\n");
    expect(stdout).toContain("you: remember the heron");
  });

  it("[R01] talks on a terminal, stops an answer on Ctrl-C and leaves on Ctrl-D", async () => {
    const gateway = await serveGateway(tempState());
    const command = `'${process.execPath}' '${cliPath}' chat`;
    const env = { ...gateway.env, TERM: "xterm", NO_COLOR: "1" };
    const terminal = startProgram("script", ["-qfec", command, "/dev/null"], env);
    await terminal.waitFor("> ");
    terminal.child.stdin.write("/help\r");
    await terminal.waitFor("/history");
    terminal.child.stdin.write("Stream something long\r");
    await terminal.waitFor(/Stream something long[^]*\w+ \w+ \w+/);
    terminal.child.stdin.write("\u0003");
    await terminal.waitFor("(stopped)");
    terminal.child.stdin.write("\u0004");
    expect((await terminal.ended).code).toBe(0);
  });
});

describe("the start of the command line", () => {
  it("prints its version at once, without loading the gateway", async () => {
    const times: number[] = [];
    for (const _ of [1, 2, 3]) {
      const begin = performance.now();
      const { code, stdout } = await runCli(["version"], cleanEnv(tempState()));
      times.push(performance.now() - begin);
      expect([code, stdout]).toEqual([0, expect.stringMatching(/^gatehouse \d+\.\d+\.\d+\n$/)]);
    }
    expect(Math.min(...times)).toBeLessThan(250);
  });

  it("ends with 2 on an unknown command, naming the nearest", async () => {
    const { code, stderr } = await runCli(["sevre"], cleanEnv(tempState()));
    expect([code, stderr]).toEqual([2, expect.stringContaining("Did you mean serve?")]);
  });
});
