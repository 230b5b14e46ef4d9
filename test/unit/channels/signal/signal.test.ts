/** What the channel says of settings. */
import { describe, expect, it } from "vitest";
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
