/** Whether something shows tray icons. */
import { describe, expect, it } from "vitest";
import { hasTrayHost, type RunProgram } from "#main/shell/tray-host.ts";

const missing = () => Promise.reject(Object.assign(new Error("spawn ENOENT"), { code: "ENOENT" }));
const env = { DBUS_SESSION_BUS_ADDRESS: "unix:path=/run/bus" };

async function ask(
  answers: Record<string, () => Promise<string>>,
  over: Partial<Parameters<typeof hasTrayHost>[0]> = {},
) {
  const asked: string[] = [];
  const run: RunProgram = (file) => {
    asked.push(file);
    return (answers[file] ?? missing)();
  };
  return { has: await hasTrayHost({ platform: "linux", env, run, ...over }), asked };
}

describe("hasTrayHost", () => {
  it.each(["darwin", "win32"] as const)("is certain on %s", async (platform) => {
    expect(await ask({}, { platform })).toEqual({ has: true, asked: [] });
  });

  it("believes what the session bus says", async () => {
    const yes = () => Promise.resolve("   variant       boolean true\n");
    const no = () => Promise.resolve("   variant       boolean false\n");
    expect((await ask({ "dbus-send": yes })).has).toBe(true);
    expect((await ask({ "dbus-send": no })).has).toBe(false);
  });

  it("asks with another tool when one is not installed", async () => {
    const answer = await ask({ busctl: () => Promise.resolve("b true\n") });
    expect(answer).toEqual({ has: true, asked: ["dbus-send", "gdbus", "busctl"] });
  });

  it("takes a failure, no tool and no bus for no host", async () => {
    expect((await ask({ "dbus-send": () => Promise.reject(new Error("no such name")) })).has).toBe(false);
    expect((await ask({})).has).toBe(false);
    expect(await ask({}, { env: {} })).toEqual({ has: false, asked: [] });
  });
});
