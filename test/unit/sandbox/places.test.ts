import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { silentLogger } from "#main/base/logger.ts";
import { AGE_LIMIT, IDLE_LIMIT, isStale, placeName, Places } from "#main/sandbox/places.ts";
import { createManualClock } from "#test/fakes/manual-clock.ts";
import { tempState } from "#test/fakes/temp-state.ts";

const HOUR = 3_600_000;
const place = (sessionKey: string, agentId = "a") => ({ sessionKey, agentId, workspace: "/w" });
const ground = () => {
  const dir = tempState();
  const clock = createManualClock();
  const places = () => new Places({ dir, clock, log: silentLogger });
  return { dir, clock, places: places(), again: places };
};

describe("a place's name", () => {
  it("[I06] is shared as far as the scope says", () => {
    const names = (scope: "session" | "agent" | "shared") =>
      new Set([place("s1"), place("s2"), place("s3", "b")].map((each) => placeName(each, scope))).size;
    expect([names("session"), names("agent"), names("shared")]).toEqual([3, 2, 1]);
  });
  it("says nothing of whose it is, and never means two scopes", () => {
    expect(placeName(place("agent:a:telegram:dm:+4912345"), "session")).toMatch(/^[0-9a-f]{24}$/);
    expect(placeName(place("x", "x"), "session")).not.toBe(placeName(place("x", "x"), "agent"));
  });
});

describe("places", () => {
  it("makes folders that only this account may enter", async () => {
    const { places, dir } = ground();
    const folders = await places.use("a".repeat(24));
    writeFileSync(join(folders.home, "kept"), "x");
    expect(readdirSync(join(dir, "a".repeat(24))).sort()).toEqual(["etc", "home", "place.json", "scratch", "tmp"]);
  });
  it("[I06] removes what was idle for a day, and keeps what was not", async () => {
    const { places, clock, dir } = ground();
    const [idle, used] = ["1".repeat(24), "2".repeat(24)];
    for (const name of [idle, used]) {
      await places.use(name);
      places.release(name);
    }
    await clock.advance(20 * HOUR);
    await places.use(used);
    places.release(used);
    await clock.advance(5 * HOUR);
    await places.prune();
    expect(readdirSync(dir)).toEqual([used]);
  });
  it("[I06] removes what is seven days old though it is used each hour, once nobody uses it", async () => {
    const { places, clock, dir } = ground();
    const name = "3".repeat(24);
    for (let hour = 0; hour < 7 * 24 + 1; hour++) {
      await places.use(name);
      if (hour < 7 * 24) places.release(name);
      await clock.advance(HOUR);
    }
    await places.prune();
    expect(existsSync(join(dir, name))).toBe(true);
    places.release(name);
    await places.prune();
    expect(existsSync(join(dir, name))).toBe(false);
  });
  it("[I06] knows after a restart how old a place is", async () => {
    const { places, clock, dir, again } = ground();
    const name = "4".repeat(24);
    await places.use(name);
    const { createdAtMs } = JSON.parse(readFileSync(join(dir, name, "place.json"), "utf8"));
    await clock.advance(23 * HOUR);
    const later = again();
    await later.prune();
    expect(existsSync(join(dir, name))).toBe(true);
    await later.use(name);
    later.release(name);
    expect(JSON.parse(readFileSync(join(dir, name, "place.json"), "utf8"))).toEqual({
      createdAtMs,
      usedAtMs: clock.now(),
    });
    await clock.advance(25 * HOUR);
    await again().prune();
    expect(existsSync(join(dir, name))).toBe(false);
  });
  it("removes what was closed to its owner, without following links", async () => {
    const { places, clock, dir } = ground();
    const outside = tempState();
    writeFileSync(join(outside, "precious"), "x");
    const name = "5".repeat(24);
    const { tmp } = await places.use(name);
    places.release(name);
    mkdirSync(join(tmp, "closed", "deep"), { recursive: true });
    symlinkSync(outside, join(tmp, "closed", "link"));
    chmodSync(join(tmp, "closed", "deep"), 0);
    chmodSync(join(tmp, "closed"), 0);
    await clock.advance(25 * HOUR);
    await places.prune();
    expect(readdirSync(dir)).toEqual([]);
    expect(existsSync(join(outside, "precious"))).toBe(true);
  });
  it("finishes a removal that was cut off, and leaves strange folders alone", async () => {
    const { places, dir } = ground();
    mkdirSync(join(dir, ".gone-p_1"));
    mkdirSync(join(dir, "somebody's"));
    await places.prune();
    expect(readdirSync(dir)).toEqual(["somebody's"]);
  });
  it("begins to count when a record cannot be read", async () => {
    const { places, clock, dir, again } = ground();
    const name = "6".repeat(24);
    await places.use(name);
    writeFileSync(join(dir, name, "place.json"), "{");
    await again().prune();
    expect(JSON.parse(readFileSync(join(dir, name, "place.json"), "utf8"))).toEqual({
      createdAtMs: clock.now(),
      usedAtMs: clock.now(),
    });
  });
  it("[I06] a place is stale by idleness or age, not before", () => {
    const now = 1e12;
    const record = (idle: number, age: number) => ({ usedAtMs: now - idle, createdAtMs: now - age });
    expect(isStale(record(IDLE_LIMIT, AGE_LIMIT), now)).toBe(false);
    expect(isStale(record(IDLE_LIMIT + 1, IDLE_LIMIT + 1), now)).toBe(true);
    expect(isStale(record(0, AGE_LIMIT + 1), now)).toBe(true);
  });
});
