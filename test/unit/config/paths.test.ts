import { chmodSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { silentLogger } from "#main/base/logger.ts";
import { dbPath, logsDir, namedConfigPath, socketPath, stateDirId, stateDirOf } from "#main/config/paths.ts";
import { prepareStateDir } from "#main/config/state-dir.ts";
import { tempState } from "#test/fakes/temp-state.ts";

describe("paths", () => {
  it("lets the command line win over the environment, and the environment over the home folder", () => {
    expect(stateDirOf({}, "/home/me")).toBe(join("/home/me", ".gatehouse"));
    expect(stateDirOf({ GATEHOUSE_STATE_DIR: "~/state" }, "/home/me")).toBe("/home/me/state");
    expect(stateDirOf({ GATEHOUSE_STATE_DIR: "/env" }, "/home/me", "/flag")).toBe("/flag");
    expect(stateDirOf({ GATEHOUSE_STATE_DIR: "" }, "/home/me")).toBe(join("/home/me", ".gatehouse"));
    expect(namedConfigPath({}, "/home/me")).toBeUndefined();
    expect(namedConfigPath({ GATEHOUSE_CONFIG: "/a.toml" }, "/home/me", "~/b.yaml")).toBe("/home/me/b.yaml");
  });

  it("keeps everything under the state directory", () => {
    expect([dbPath("/s"), logsDir("/s"), socketPath("/s", "linux")]).toEqual([
      "/s/gatehouse.db",
      "/s/logs",
      "/s/gateway.sock",
    ]);
    expect(socketPath("/s", "win32")).toBe(`\\\\.\\pipe\\gatehouse-${stateDirId("/s")}`);
    expect(stateDirId("/s")).not.toBe(stateDirId("/t"));
  });
});

describe("prepareStateDir", () => {
  it("[Q24] makes the folders 0700 and narrows what was too open", async () => {
    const dir = join(tempState(), "state");
    mkdirSync(dir, { mode: 0o755 });
    mkdirSync(join(dir, "logs"));
    chmodSync(join(dir, "logs"), 0o777);
    writeFileSync(join(dir, "config.yaml"), "", { mode: 0o644 });
    expect(await prepareStateDir(dir, silentLogger)).toBeUndefined();
    for (const name of ["", "backups", "workspace", "media", "models", "logs"]) {
      expect([name, statSync(join(dir, name)).mode & 0o777]).toEqual([name, 0o700]);
    }
    expect(statSync(join(dir, "config.yaml")).mode & 0o777).toBe(0o600);
  });

  it("[ST-12] explains when nothing can be kept there, without throwing", async () => {
    const file = join(tempState(), "file");
    writeFileSync(file, "");
    expect(await prepareStateDir(join(file, "state"), silentLogger)).toContain(file);
  });
});
