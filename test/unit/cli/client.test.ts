import { chmodSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createTcpServer, type AddressInfo, type Server } from "node:net";
import { join } from "node:path";
import { expect, describe, it, onTestFinished } from "vitest";
import { openOwnerClient } from "#main/cli/client.ts";
import { OWNER_SCOPES } from "#main/protocol/scopes.ts";
import { tempState } from "#test/fakes/temp-state.ts";
import { playGateway } from "./fake-gateway.ts";

const env = { GATEHOUSE_SECRET_KEY: Buffer.alloc(32, 1).toString("base64") };

/** A server of a test's own, on a free port; closed when the test ends. */
async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => new Promise<void>((resolve) => void server.close(() => resolve())));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function writeLock(stateDir: string, lock: Record<string, unknown>): string {
  const path = join(stateDir, "gateway.lock");
  const whole = { pid: process.pid, startedAtMs: 0, version: "1", ...lock };
  writeFileSync(path, JSON.stringify(whole), { mode: 0o600 });
  return path;
}

/** A configuration with a token, and secrets that come from nowhere else. */
function writeConfig(stateDir: string, token: string): void {
  const auth = token === "" ? "" : `\n  auth: { token: "${token}" }`;
  writeFileSync(join(stateDir, "config.yaml"), `gateway:\n  port: 0${auth}\nsecrets: { backend: environment }\n`, {
    mode: 0o600,
  });
}

describe("the owner's way in", () => {
  it("tells the app's own process from a command, so that presence can name it", async () => {
    const stateDir = tempState();
    const gateway = await playGateway({ stateDir, socket: true }, onTestFinished);
    const client = await openOwnerClient({ stateDir, env, as: "desktop" });
    client.close();
    expect(gateway.connects[0]?.params.client).toMatchObject({ id: "gateway-client", mode: "backend" });
  });

  it("connects as the command line, with all scopes, without device and origin", async () => {
    const stateDir = tempState();
    const gateway = await playGateway({ stateDir, token: "t" }, onTestFinished);
    const client = await openOwnerClient({ stateDir, env, flags: { token: "t" } });
    client.close();
    expect(gateway.connects).toHaveLength(1);
    expect(gateway.connects[0]).toMatchObject({
      via: "tcp",
      origin: undefined,
      params: {
        client: { id: "gatehouse-cli", mode: "cli" },
        role: "operator",
        scopes: [...OWNER_SCOPES],
        auth: { token: "t" },
      },
    });
    expect(gateway.connects[0]?.params.device).toBeUndefined();
  });

  it("takes what was said first: the option, then the environment by its three names", async () => {
    const stateDir = tempState();
    const gateway = await playGateway({ stateDir, socket: true }, onTestFinished);
    const variables = ["GATEHOUSE_GATEWAY_TOKEN", "OPENCLAW_GATEWAY_TOKEN", "CODERCLAW_GATEWAY_TOKEN"];
    for (const name of variables) (await openOwnerClient({ stateDir, env: { ...env, [name]: name } })).close();
    (
      await openOwnerClient({ stateDir, env: { ...env, GATEHOUSE_GATEWAY_TOKEN: "x" }, flags: { token: "said" } })
    ).close();
    expect(gateway.connects.map(({ params, via }) => [via, params.auth?.token])).toEqual([
      ...variables.map((name) => ["tcp", name]),
      ["tcp", "said"],
    ]);
  });

  it("uses the gateway's own socket before anything that is kept, without a credential", async () => {
    const stateDir = tempState();
    writeConfig(stateDir, "kept");
    const gateway = await playGateway({ stateDir, token: "kept", socket: true }, onTestFinished);
    (await openOwnerClient({ stateDir, env })).close();
    expect(gateway.connects.map(({ params, via }) => [via, params.auth])).toEqual([["socket", undefined]]);
  });

  it("falls back to the configuration's token where there is no socket", async () => {
    const stateDir = tempState();
    writeConfig(stateDir, "kept");
    const gateway = await playGateway({ stateDir, token: "kept" }, onTestFinished);
    (await openOwnerClient({ stateDir, env })).close();
    expect(gateway.connects[0]?.params.auth).toEqual({ token: "kept" });
  });

  it("says where the wrong credential came from, and not what it was", async () => {
    const stateDir = tempState();
    await playGateway({ stateDir, token: "right" }, onTestFinished);
    const attempt = openOwnerClient({ stateDir, env: { ...env, GATEHOUSE_GATEWAY_TOKEN: "wrong-one" } });
    await expect(attempt).rejects.toThrow(/GATEHOUSE_GATEWAY_TOKEN: unauthorized: gateway token mismatch/);
    await expect(attempt).rejects.not.toThrow(/wrong-one/);
  });

  it("says that a token is wanted when nothing is known", async () => {
    const stateDir = tempState();
    writeConfig(stateDir, "");
    await playGateway({ stateDir, token: "t" }, onTestFinished);
    await expect(openOwnerClient({ stateDir, env })).rejects.toMatchObject({ code: "NO_CREDENTIAL" });
  });

  it("says that no gateway runs, and of a crashed one that it crashed", async () => {
    const stateDir = tempState();
    await expect(openOwnerClient({ stateDir, env })).rejects.toThrow(/no gateway runs .* gatehouse serve/);
    writeLock(stateDir, { pid: 2 ** 22 + 1, url: "http://127.0.0.1:1" });
    await expect(openOwnerClient({ stateDir, env })).rejects.toMatchObject({ code: "NOT_RUNNING" });
    await expect(openOwnerClient({ stateDir, env })).rejects.toThrow(/ended without a word/);
  });

  it("[HT-33] sends no credential to an address that the lock file does not name", async () => {
    const stateDir = tempState();
    const gateway = await playGateway({ stateDir, token: "t" }, onTestFinished);
    const other = await playGateway({ stateDir: tempState(), token: "t" }, onTestFinished);
    const attempt = openOwnerClient({ stateDir, env, flags: { token: "t" }, url: other.url });
    await expect(attempt).rejects.toMatchObject({ code: "WRONG_ADDRESS" });
    expect(other.connects).toEqual([]);
    (await openOwnerClient({ stateDir, env, flags: { token: "t" }, url: gateway.url })).close();
  });

  it("[HT-33] believes no lock file that another account could have written", async () => {
    const stateDir = tempState();
    const gateway = await playGateway({ stateDir, token: "t" }, onTestFinished);
    chmodSync(join(stateDir, "gateway.lock"), 0o666);
    const attempt = openOwnerClient({ stateDir, env, flags: { token: "t" } });
    await expect(attempt).rejects.toMatchObject({ code: "UNSAFE_FILE" });
    expect(gateway.connects).toEqual([]);
    chmodSync(join(stateDir, "gateway.lock"), 0o600);
    (await openOwnerClient({ stateDir, env, flags: { token: "t" } })).close();
  });

  it("[HT-33] says of a squatter on the port that it is none of ours, and sends it nothing", async () => {
    const stateDir = tempState();
    let received = "";
    const squatter = createServer((request, response) => {
      received += JSON.stringify(request.headers);
      response.writeHead(404).end();
    });
    const url = await listen(squatter);
    writeLock(stateDir, { url });
    const attempt = openOwnerClient({ stateDir, env, flags: { token: "very-secret" } });
    await expect(attempt).rejects.toThrow(/is not our gateway .*no credential was sent/);
    expect(received).not.toContain("very-secret");
  });

  it("says that nothing answers at the address of the lock file", async () => {
    const stateDir = tempState();
    const server = createTcpServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise<void>((resolve) => void server.close(() => resolve()));
    writeLock(stateDir, { url: `http://127.0.0.1:${port}` });
    const attempt = openOwnerClient({ stateDir, env, flags: { token: "t" } });
    await expect(attempt).rejects.toMatchObject({ code: "UNREACHABLE" });
    await expect(attempt).rejects.toThrow(/nothing does/);
  });

  it("takes a lock file of an odd shape for none", async () => {
    const stateDir = tempState();
    for (const lock of [
      { url: "http://user@evil.example" },
      { url: "ftp://x" },
      { url: 5 },
      { url: "http://x/path" },
    ]) {
      writeLock(stateDir, lock);
      await expect(openOwnerClient({ stateDir, env })).rejects.toMatchObject({ code: "NOT_RUNNING" });
    }
  });
});
