import { describe, expect, it } from "vitest";
import { toPagePolicy } from "#main/gateway/http/headers.ts";

describe("the policy of the page", () => {
  it("[HT-26] names the page's own sockets by the host it was asked for", () => {
    for (const host of ["127.0.0.1:18789", "localhost", "[::1]:18789", "my-box.tail1234.ts.net"]) {
      expect(toPagePolicy(host)).toContain(`connect-src 'self' ws://${host} wss://${host};`);
    }
  });

  it("[HT-26] lets no odd Host add a word to it", () => {
    const plain = toPagePolicy(undefined);
    for (const host of ["x; script-src *", "x *", "a,b", "x'y", "x\u0000", "http://evil", ""]) {
      expect(toPagePolicy(host)).toBe(plain);
    }
    expect(plain).not.toMatch(/\*|unsafe-eval|script-src[^;]*inline/);
  });
});
