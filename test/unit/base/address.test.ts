import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseAddress, whyNotPublic } from "#main/base/address.ts";
import { judgeHost } from "#main/base/guarded-net/host.ts";
import { PRIVATE_ANSWERS, spellingsOfThisMachine } from "#test/fakes/site-spellings.ts";

describe("whyNotPublic", () => {
  it.each(
    "1.1.1.1 8.8.8.8 93.184.216.34 172.15.0.1 172.32.0.1 100.63.0.1 100.128.0.1 192.167.1.1 198.20.0.1 223.255.255.255".split(
      " ",
    ),
  )("lets %s through", (address) => {
    expect(whyNotPublic(address)).toBeUndefined();
  });
  it.each(["2a00:1450:4001::1", "2606:4700:4700::1111", "2001:4860:4860::8888", "2A00::1", "64:ff9b::808:808"])(
    "lets %s through",
    (address) => {
      expect(whyNotPublic(address)).toBeUndefined();
    },
  );
  it.each(PRIVATE_ANSWERS)("[WB-01] [WB-03] does not take %s for public", (address) => {
    expect(whyNotPublic(address)).toEqual(expect.any(String));
  });
  it("says what an address is", () => {
    expect(whyNotPublic("127.0.0.1")).toBe("this machine");
    expect(whyNotPublic("169.254.169.254")).toContain("metadata");
    expect(whyNotPublic("64:ff9b::10.0.0.1")).toBe("a private network, behind NAT64");
    expect(whyNotPublic("127.1")).toBe("not an address in plain notation");
  });
  it("knows both ends of every block", () => {
    const edges: [string, boolean][] = [
      ["9.255.255.255", true],
      ["10.0.0.0", false],
      ["11.0.0.0", true],
      ["126.255.255.255", true],
      ["127.0.0.0", false],
      ["128.0.0.0", true],
      ["169.253.255.255", true],
      ["169.255.0.0", true],
      ["172.31.255.255", false],
      ["198.17.255.255", true],
      ["1fff:ffff::1", false],
      ["2000::1", true],
      ["2001:1ff::1", false],
      ["2001:200::1", true],
      ["2002:ffff::", false],
      ["2003::1", true],
      ["3fff:fff::1", false],
      ["3fff:1000::1", true],
      ["4000::1", false],
    ];
    for (const [address, isPublic] of edges) {
      expect([address, whyNotPublic(address) === undefined]).toEqual([address, isPublic]);
    }
  });
});

describe("parseAddress", () => {
  it("reads every form of IPv6 as the same bytes", () => {
    const forms = ["::ffff:7f00:1", "::FFFF:127.0.0.1", "0:0:0:0:0:ffff:7f00:0001", "0:0::ffff:127.0.0.1"];
    for (const form of forms) expect(parseAddress(form)).toEqual(parseAddress("::ffff:127.0.0.1"));
  });
  it.each([
    "",
    ":",
    ":::",
    "1::2::3",
    "::1%lo",
    "12345::",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "::1.2.3",
    "1.2.3.4::",
  ])("reads nothing in %j", (text) => {
    expect(parseAddress(text)).toBeUndefined();
  });
  it("takes :: for at least one group", () => {
    expect(parseAddress("1:2:3:4:5:6:7::")).toHaveLength(16);
    expect(parseAddress("1:2:3:4:5:6:7:8::")).toBeUndefined();
  });
});

describe("judgeHost", () => {
  const { v4, v6 } = spellingsOfThisMachine();
  it("[WB-02] [WB-03] [WB-04] finds nothing public in any spelling of this machine", () => {
    for (const host of [...v4, ...v6]) {
      const judged = judgeHost(host);
      expect([host, judged.kind === "refused" || judged.why !== undefined]).toEqual([host, true]);
    }
  });
  it("[WB-02] refuses odd spellings of public addresses too", () => {
    for (const host of [
      "134744072",
      "0x8.0x8.0x8.0x8",
      "8.8.2056",
      "010.8.8.8",
      "8.8.8.8.",
      "８.8.8.8",
      "8。8。8。8",
    ]) {
      expect([host, judgeHost(host).kind]).toEqual([host, "refused"]);
    }
    expect(judgeHost("8.8.8.8")).toEqual({ kind: "address", address: "8.8.8.8", why: undefined });
  });
  it.each([
    "metadata.google.internal",
    "METADATA.google.internal.",
    "metadata",
    "router",
    "nas.local",
    "db.internal",
    "x.home.arpa",
    "a.b.localhost",
    "1.0.0.127.in-addr.arpa",
    "hidden.onion",
  ])("[WB-04] takes %s for a local name", (host) => {
    expect(judgeHost(host)).toMatchObject({ kind: "name", why: expect.any(String) });
  });
  it("reads names as the internet does", () => {
    expect(judgeHost("Example.COM.")).toEqual({ kind: "name", name: "example.com", why: undefined });
    expect(judgeHost("bücher.example")).toEqual({ kind: "name", name: "xn--bcher-kva.example", why: undefined });
    expect(judgeHost("localhost.example")).toMatchObject({ why: undefined });
  });
  it("never throws and never finds a private address public, whatever the text", () => {
    const piece = fc.constantFrom(..."0127fFxX.:[]%@/\\。①１ab- \t\u00ad\u200b");
    const text = fc.array(piece, { maxLength: 30 }).map((parts) => parts.join(""));
    fc.assert(
      fc.property(fc.oneof(text, fc.string({ unit: "binary", maxLength: 60 }), fc.ipV4(), fc.ipV6()), (host) => {
        const judged = judgeHost(host);
        if (judged.kind === "refused" || judged.why !== undefined) return;
        // What is let through means the same to the URL parser that the connection is made with.
        const hostname = new URL(`http://${host}/`).hostname.replace(/\.$/, "");
        expect(hostname.replace(/^\[|\]$/g, "")).not.toMatch(/^((127|10|0)\.\d+\.\d+\.\d+|192\.168\.\d+\.\d+|::1|::)$/);
        if (judged.kind === "name") expect(hostname).toBe(judged.name);
      }),
      { numRuns: 20_000 },
    );
  });
});
