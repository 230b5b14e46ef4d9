import { afterEach, expect, it } from "vitest";
import { silentLogger, type LogFields, type Logger } from "#main/base/logger.ts";
import { authorized, sendRaw, startApp, TOKEN, type RunningApp } from "./start-app.ts";

let app: RunningApp;
afterEach(() => app.close());

async function withLog(): Promise<{ lines: { message: string; fields: LogFields | undefined }[] }> {
  const lines: { message: string; fields: LogFields | undefined }[] = [];
  const log: Logger = { ...silentLogger, debug: (message, fields) => void lines.push({ message, fields }) };
  app = await startApp({ log });
  return { lines };
}

it("[C31] writes method, path, status and time of each request, at debug", async () => {
  const { lines } = await withLog();
  await sendRaw(app, "/health");
  await sendRaw(app, "/v1/models", { headers: authorized });
  expect(lines).toEqual([
    { message: "http", fields: { method: "GET", path: "/health", status: 200, ms: 0 } },
    { message: "http", fields: { method: "GET", path: "/v1/models", status: 200, ms: 0 } },
  ]);
});

it("[C31] counts the time on the gateway's clock until the answer begins", async () => {
  const lines: LogFields[] = [];
  const log: Logger = { ...silentLogger, debug: (_message, fields) => void lines.push(fields ?? {}) };
  app = await startApp({
    log,
    models: async () => {
      await app.clock.advance(1234.56);
      return [];
    },
  });
  await sendRaw(app, "/v1/models", { headers: authorized });
  expect(lines).toMatchObject([{ path: "/v1/models", ms: 1234.6 }]);
});

it("[C31] writes refusals too: a wrong name, no credential, nothing there", async () => {
  const { lines } = await withLog();
  await sendRaw(app, "/health", { headers: { host: "evil.example" } });
  await sendRaw(app, "/v1/models");
  await sendRaw(app, "/nothing.js");
  expect(lines.map(({ fields }) => fields?.["status"])).toEqual([421, 401, 404]);
});

it("[C31] [I14] never writes a query, a header, a body or a client's address", async () => {
  const { lines } = await withLog();
  await sendRaw(app, "/tools/invoke?token=query-secret&wait=1", {
    method: "POST",
    headers: { ...authorized, "content-type": "application/json", cookie: "session=cookie-secret" },
    body: '{"tool":"bash","args":{"command":"echo body-secret"}}',
  });
  await sendRaw(app, "http://user:url-secret@127.0.0.1/health?x=1");
  const text = JSON.stringify(lines);
  expect(text).toContain('"/tools/invoke"');
  for (const secret of ["query-secret", "cookie-secret", "body-secret", "url-secret", TOKEN, "127.0.0.1"]) {
    expect(text).not.toContain(secret);
  }
});

it("[C31] cuts a path that is there to fill the log", async () => {
  const { lines } = await withLog();
  await sendRaw(app, `/${"a".repeat(5000)}`);
  expect(String(lines[0]?.fields?.["path"]).length).toBe(201);
});
