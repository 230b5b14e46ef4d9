/** What the channel says of settings, and how it keeps versions of messages apart. */
import { describe, expect, it } from "vitest";
import { Revisions } from "#main/channels/signal/revisions.ts";
import { signal } from "#main/channels/signal/signal.ts";

describe("settings", () => {
  const check = (account?: string, url = "http://127.0.0.1:8080") =>
    signal.check({ url, ...(account === undefined ? {} : { account }) });

  it("are enough with a number or an account id", () => {
    expect(check("+18575550100")).toBeUndefined();
    expect(check("7CCAE375-cd51-4c82-8b1e-7be3280aa485", "https://signal.example/base/")).toBeUndefined();
  });

  it("[G17] name the key that is wrong", () => {
    for (const account of [undefined, "", "0157 555", "+0123456", "ann", "+1857555010012345678"]) {
      expect(check(account)).toMatch(/signal\.account/);
    }
    for (const url of ["", "signal", "file:///x", "ws://host", "http://u:p@host", "http://h/?x=1", "http://h/#x"]) {
      expect(check("+18575550100", url)).toMatch(/signal\.url/);
      expect(check("+18575550100", url)).not.toMatch(/u:p/);
    }
  });
});

describe("versions of a message", () => {
  it("lead back to the first and on to the newest", () => {
    const revisions = new Revisions();
    revisions.record("1:a", "2:a");
    revisions.record("2:a", "3:a");
    revisions.record("1:b", "2:b");
    expect(["1:a", "2:a", "3:a"].map((id) => revisions.originalOf(id))).toEqual(["1:a", "1:a", "1:a"]);
    expect(["1:a", "2:a", "3:a"].map((id) => revisions.latestOf(id))).toEqual(["3:a", "3:a", "3:a"]);
    expect([revisions.originalOf("9:z"), revisions.latestOf("9:z")]).toEqual(["9:z", "9:z"]);
  });

  it("are forgotten when there are too many", () => {
    const revisions = new Revisions();
    for (let i = 0; i < 600; i++) revisions.record(`${i}:a`, `${i}:b`);
    expect(revisions.latestOf("0:a")).toBe("0:a");
    expect(revisions.latestOf("599:a")).toBe("599:b");
  });
});
