import { describe, expect, it } from "vitest";
import { isLoopbackAddress, Lockout, normalizeAddress, type Source } from "#main/identity/lockout.ts";
import { createManualClock } from "#test/fakes/manual-clock.ts";

const remote: Source = { address: "203.0.113.7", isLoopback: false };
const page: Source = { address: "127.0.0.1", isLoopback: true, origin: "http://page.example" };
const program: Source = { address: "127.0.0.1", isLoopback: true };

function setUp() {
  const clock = createManualClock();
  const lockout = new Lockout(clock);
  const fail = (source: Source, times: number) => {
    for (let i = 0; i < times; i++) lockout.countFailure(source);
  };
  return { clock, lockout, fail };
}

describe("the lock", () => {
  it.each([
    ["a remote program", remote],
    ["a page on loopback", page],
  ])("[HT-06] falls for %s at the tenth failure", (_name, source) => {
    const { lockout, fail } = setUp();
    fail(source, 9);
    expect(lockout.lockedFor(source)).toBeUndefined();
    fail(source, 1);
    expect(lockout.lockedFor(source)).toBe(300_000);
  });

  it("[HT-06] lasts five minutes and forgets then", async () => {
    const { clock, lockout, fail } = setUp();
    fail(remote, 10);
    await clock.advance(299_999);
    expect(lockout.lockedFor(remote)).toBe(1);
    await clock.advance(1);
    expect(lockout.lockedFor(remote)).toBeUndefined();
    fail(remote, 9);
    expect(lockout.lockedFor(remote)).toBeUndefined();
  });

  it("counts a minute only", async () => {
    const { clock, lockout, fail } = setUp();
    fail(remote, 9);
    await clock.advance(60_000);
    fail(remote, 9);
    expect(lockout.lockedFor(remote)).toBeUndefined();
  });

  it("[HT-07] never falls for a program on this machine", () => {
    const { lockout, fail } = setUp();
    fail(program, 10_000);
    expect(lockout.lockedFor(program)).toBeUndefined();
    // The same failures with the page's origin lock: it is the missing origin that guards.
    fail({ ...program, origin: "http://page.example" }, 10);
    expect(lockout.lockedFor(page)).toBeDefined();
  });

  it("[HT-07] of one page is not that of another, nor of programs, nor of other addresses", () => {
    const { lockout, fail } = setUp();
    fail(page, 10);
    for (const other of [
      program,
      remote,
      { ...page, origin: "http://other.example" },
      { ...page, address: "127.0.0.2" },
    ]) {
      expect(lockout.lockedFor(other)).toBeUndefined();
    }
  });

  it("is not opened by a success, but the count is", () => {
    const { lockout, fail } = setUp();
    fail(remote, 9);
    lockout.countSuccess(remote);
    fail(remote, 9);
    expect(lockout.lockedFor(remote)).toBeUndefined();
    fail(remote, 1);
    lockout.countSuccess(remote);
    expect(lockout.lockedFor(remote)).toBeDefined();
  });

  it("[HT-09] remembers at most ten thousand sources", () => {
    const { lockout } = setUp();
    for (let i = 0; i < 25_000; i++)
      lockout.countFailure({ address: `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`, isLoopback: false });
    expect(lockout.size).toBe(10_000);
  });
});

describe("addresses", () => {
  it.each([
    ["::ffff:127.0.0.1", "127.0.0.1"],
    ["::FFFF:127.0.0.1", "127.0.0.1"],
    ["::ffff:7f00:1", "127.0.0.1"],
    ["::ffff:cb00:7107", "203.0.113.7"],
    ["203.0.113.7", "203.0.113.7"],
    ["2001:DB8::1", "2001:db8::1"],
    ["::ffff:0:1:2", "::ffff:0:1:2"],
  ])("[HT-08] %s is %s", (written, plain) => {
    expect(normalizeAddress(written)).toBe(plain);
  });

  it.each(["127.0.0.1", "127.255.255.254", "::1", "::ffff:127.0.0.1", "::ffff:7f00:1"])(
    "[D04] %s is this machine",
    (address) => {
      expect(isLoopbackAddress(address)).toBe(true);
    },
  );

  it.each(["", "128.0.0.1", "127.0.0.1.evil", "1127.0.0.1", "::2", "localhost", "::ffff:8.8.8.8", "127.1"])(
    "[D04] %j is not",
    (address) => {
      expect(isLoopbackAddress(address)).toBe(false);
    },
  );
});
