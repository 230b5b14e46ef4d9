import { describe, expect, it } from "vitest";
import { admit, toHostName, type AdmissionRules } from "#main/gateway/admission.ts";

const rules: AdmissionRules = {
  boundHost: "127.0.0.1",
  allowedOrigins: ["https://ok.example"],
  allowedHosts: ["Box.Example"],
  trustedProxies: ["10.0.0.1"],
};
const ask = (headers: Record<string, string>, remoteAddress = "127.0.0.1", change: Partial<AdmissionRules> = {}) =>
  admit(
    { headers: { host: "localhost", ...headers }, remoteAddress, isLocalSocket: false },
    { ...rules, ...change },
    { needsOrigin: true },
  );

describe("names", () => {
  it.each([
    ["localhost", "localhost"],
    ["LOCALHOST:80", "localhost"],
    ["[::1]:18789", "::1"],
    ["box.example.", "box.example"],
    ["", undefined],
    ["a b", undefined],
    ["user@host", undefined],
    ["host:port", undefined],
    ["[::1", undefined],
    ["host/path", undefined],
    ["evil.example#localhost", undefined],
  ])("[HT-05] %j names %j", (header, name) => {
    expect(toHostName(header)).toBe(name);
  });

  it("[HT-04] the bound name is ours, but never `everything`", () => {
    expect(ask({ host: "192.168.1.5" }, "127.0.0.1", { boundHost: "192.168.1.5" }).ok).toBe(true);
    expect(ask({ host: "0.0.0.0" }, "127.0.0.1", { boundHost: "0.0.0.0" })).toMatchObject({ status: 421 });
    expect(ask({ host: "[::]" }, "127.0.0.1", { boundHost: "::" })).toMatchObject({ status: 421 });
    expect(ask({ host: "box.example" }).ok).toBe(true);
  });
});

describe("names of a tailnet", () => {
  const named = { host: "box.tail1234.ts.net" };

  it.each([
    "127.0.0.1",
    "0.0.0.0",
    "::",
    "192.168.1.5",
    "100.128.0.1",
    "99.64.0.1",
    "fd7b:115c:a1e0::1",
    "box.example",
  ])("[D04] are not ours while we listen on %s", (boundHost) => {
    expect(ask(named, "127.0.0.1", { boundHost })).toMatchObject({ ok: false, status: 421 });
  });

  it.each(["100.64.0.1", "100.101.102.103", "100.127.255.254", "fd7a:115c:a1e0::1", "FD7A:115C:A1E0:ab12::53"])(
    "[D04] are ours while we listen on the tailnet's own address %s",
    (boundHost) => {
      expect(ask(named, "127.0.0.1", { boundHost })).toMatchObject({ ok: true });
      expect(ask({ host: "box.ts.net.evil.example" }, "127.0.0.1", { boundHost })).toMatchObject({ status: 421 });
    },
  );

  it("[D04] are ours when the owner lists them, each by its whole name", () => {
    const allowedHosts = ["box.tail1234.ts.net"];
    expect(ask(named, "127.0.0.1", { allowedHosts })).toMatchObject({ ok: true });
    expect(ask({ host: "other.tail1234.ts.net" }, "127.0.0.1", { allowedHosts })).toMatchObject({ status: 421 });
  });
});

describe("sources", () => {
  it("[HT-08] [D04] a mapped address is the plain one", () => {
    expect(ask({}, "::ffff:127.0.0.1")).toEqual({ ok: true, source: { address: "127.0.0.1", isLoopback: true } });
    expect(ask({}, "::ffff:203.0.113.7")).toEqual({ ok: true, source: { address: "203.0.113.7", isLoopback: false } });
    expect(ask({}, "")).toMatchObject({ source: { isLoopback: false } });
  });

  it.each([
    ["203.0.113.7", "203.0.113.7"],
    ["198.51.100.1, 203.0.113.7", "203.0.113.7"],
    ["203.0.113.7, 10.0.0.1", "203.0.113.7"],
    ["::ffff:cb00:7107", "203.0.113.7"],
    ["", "10.0.0.1"],
    ["10.0.0.1", "10.0.0.1"],
  ])("[HT-10] behind a trusted proxy the last foreign address of %j counts: %s", (header, address) => {
    expect(ask({ "x-forwarded-for": header }, "10.0.0.1")).toEqual({
      ok: true,
      source: { address, isLoopback: false },
    });
  });

  it("[HT-10] a remote client's own forwarding headers make it nothing but remote", () => {
    expect(ask({ "x-forwarded-for": "127.0.0.1" }, "203.0.113.7")).toEqual({
      ok: true,
      source: { address: "203.0.113.7", isLoopback: false },
    });
  });

  it("[HT-06] the page is a part of the source", () => {
    expect(ask({ origin: "https://ok.example" })).toMatchObject({ source: { origin: "https://ok.example" } });
  });

  it("the user's own socket is asked nothing", () => {
    const socket = admit({ headers: {}, remoteAddress: undefined, isLocalSocket: true }, rules, { needsOrigin: true });
    expect(socket).toEqual({ ok: true, source: { address: "local-socket", isLoopback: true } });
  });
});
