import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { expect, it, onTestFinished } from "vitest";
import { createHttpClient, type HttpAsk } from "#main/base/http/client.ts";
import { startScriptedServer, type Script } from "#test/fakes/scripted-http.ts";
import { createCertificate } from "#test/fakes/site-certificate.ts";

async function open(...scripts: Script[]) {
  const server = await startScriptedServer(() => ({ status: 200, headers: { "x-kind": "plain" }, body: "hello" }));
  server.script(...scripts);
  const client = createHttpClient();
  onTestFinished(async () => {
    await client.dispose();
    await server.close();
  });
  const ask = (more: Partial<HttpAsk> = {}) =>
    client.call(`${server.url}/path?a=b`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: '{"a":"ü"}',
      signal: new AbortController().signal,
      ...more,
    });
  return { server, ask };
}

it("sends what it is given, answers with status, headers and body, and keeps the connection", async () => {
  const { server, ask } = await open();
  for (let n = 0; n < 3; n++) {
    const answer = await ask();
    expect([answer.status, answer.headers.get("X-Kind"), answer.headers.get("x-other")]).toEqual([200, "plain", null]);
    expect(await text(answer.body)).toBe("hello");
  }
  expect(server.connections).toBe(1);
  expect(server.requests[2]).toMatchObject({ method: "POST", path: "/path?a=b", body: { a: "ü" } });
  expect(server.requests[2]?.headers).toMatchObject({ "user-agent": "Gatehouse", "content-type": "application/json" });
});

it("sends a body in pieces, and tells when one breaks", async () => {
  const { server, ask } = await open();
  async function* pieces(fails: boolean) {
    yield Buffer.from("one ");
    if (fails) throw new Error("the file is gone");
    yield Buffer.from("two");
  }
  await text((await ask({ headers: {}, body: pieces(false) })).body);
  expect(server.requests[0]?.body).toBe("one two");
  await expect(ask({ body: pieces(true) })).rejects.toThrow("the file is gone");
});

it("follows no redirect and throws for no status", async () => {
  const { server, ask } = await open({ status: 307, headers: { location: "/elsewhere" }, body: "" });
  const answer = await ask();
  expect([answer.status, answer.headers.get("location")]).toEqual([307, "/elsewhere"]);
  expect(server.requests).toHaveLength(1);
});

it("ends with the signal's reason: before it begins, before the answer, and within its body", async () => {
  const { server, ask } = await open({ steps: [{ raw: "begun" }, { hang: true }] });
  await expect(ask({ signal: AbortSignal.abort(new Error("too late")) })).rejects.toThrow("too late");
  expect(server.requests).toHaveLength(0);
  const stop = new AbortController();
  const waiting = ask({ signal: stop.signal });
  stop.abort(new Error("stopped"));
  await expect(waiting).rejects.toThrow("stopped");
  const again = new AbortController();
  const { body } = await ask({ signal: again.signal });
  const read = async () => {
    for await (const piece of body) if (String(piece) === "begun") again.abort(new Error("stopped in the middle"));
  };
  await expect(read()).rejects.toThrow("stopped in the middle");
});

it("throws what the system says, and for what cannot be sent", async () => {
  const { server, ask } = await open();
  await expect(ask({ headers: { "x-bad": "a\nb" } })).rejects.toThrow(TypeError);
  await server.close();
  await expect(ask()).rejects.toMatchObject({ code: "ECONNREFUSED" });
});

it("speaks TLS, and to nobody whose certificate is not trusted", async () => {
  const { key, cert } = createCertificate(["localhost"]);
  const server = createServer({ key, cert }, (_request, response) => void response.end("hello"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const client = createHttpClient();
  const trusted = getCACertificates("default");
  onTestFinished(async () => {
    setDefaultCACertificates(trusted);
    await client.dispose();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const { signal } = new AbortController();
  const ask = () => client.call(`https://localhost:${port}/`, { method: "GET", headers: {}, signal });
  await expect(ask()).rejects.toMatchObject({ code: "DEPTH_ZERO_SELF_SIGNED_CERT" });
  setDefaultCACertificates([...trusted, cert]);
  expect(await text((await ask()).body)).toBe("hello");
});
