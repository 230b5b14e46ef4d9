import { afterEach, describe, expect, it } from "vitest";
import { sendRaw, startApp, type RunningApp } from "./start-app.ts";

let app: RunningApp;
afterEach(() => app.close());

describe("probes", () => {
  it("[C32] answers /health with status, version and uptime, without a credential", async () => {
    app = await startApp();
    const answer = await sendRaw(app, "/health");
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body)).toEqual({ status: "ok", version: "1.2.3", uptime_seconds: 7 });
  });

  it("[C01] answers /api/v1/health with both names of the uptime and the components", async () => {
    app = await startApp();
    const answer = await sendRaw(app, "/api/v1/health");
    expect(JSON.parse(answer.body)).toEqual({
      status: "ok",
      version: "1.2.3",
      uptime_secs: 7,
      uptime_seconds: 7,
      components: { gateway: { status: "ok" } },
    });
  });

  it("[C32] is alive but not ready while starting, and says when to ask again", async () => {
    app = await startApp({ health: () => ({ version: "1", uptimeSeconds: 0, ready: false, problems: [] }) });
    expect((await sendRaw(app, "/health/live")).status).toBe(200);
    const ready = await sendRaw(app, "/health/ready");
    expect(ready.status).toBe(503);
    expect(ready.headers["retry-after"]).toBe("5");
  });

  it("[C32] is ready once everything answers", async () => {
    app = await startApp();
    expect((await sendRaw(app, "/health/ready")).status).toBe(200);
  });

  it("[HT-34] answers HEAD without a body and refuses other methods", async () => {
    app = await startApp();
    const head = await sendRaw(app, "/health", { method: "HEAD" });
    expect([head.status, head.body]).toEqual([200, ""]);
    for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) {
      const answer = await sendRaw(app, "/health/ready", { method });
      expect([answer.status, answer.headers["allow"]]).toEqual([405, "GET, HEAD"]);
    }
  });

  it("[HT-34] never tells a problem's words or a path", async () => {
    const problems = ["cannot write /home/someone/.gatehouse/gatehouse.db"];
    app = await startApp({ health: () => ({ version: "1", uptimeSeconds: 0, ready: true, problems }) });
    for (const path of ["/health", "/api/v1/health", "/health/live", "/health/ready"]) {
      expect((await sendRaw(app, path)).body).not.toContain("/home");
    }
    expect(JSON.parse((await sendRaw(app, "/api/v1/health")).body)).toMatchObject({
      components: { gateway: { status: "degraded" } },
    });
  });
});
