import { expect, it } from "vitest";
import type { Config } from "#main/config/schema.ts";
import { requireSafeBind } from "#main/gateway/bind.ts";

const configOf = (host: string, trustedProxies: string[] = []) =>
  ({ gateway: { host, trustedProxies } }) as unknown as Config;

it.each(["127.0.0.1", "localhost", "::1", "127.0.0.2"])("[A02] may listen on %s", (host) => {
  expect(() => requireSafeBind(configOf(host))).not.toThrow();
});

it.each(["0.0.0.0", "::", "192.168.1.5", "example.com", ""])(
  "[A02] does not listen on %j without TLS around it",
  (host) => {
    expect(() => requireSafeBind(configOf(host))).toThrow(expect.objectContaining({ code: "INSECURE_BIND" }));
    expect(() => requireSafeBind(configOf(host, ["10.0.0.1"]))).not.toThrow();
  },
);
