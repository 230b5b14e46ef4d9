/** Whether the gateway may listen where it is told to. Pure. */
import { Refused } from "#main/base/errors.ts";
import type { Config } from "#main/config/schema.ts";
import { isLoopbackAddress } from "#main/identity/lockout.ts";

/** Beyond loopback the wire can be read by others, unless a proxy that is named puts TLS around it. Throws Refused `INSECURE_BIND`. */
export function requireSafeBind(config: Config): void {
  const { host, trustedProxies } = config.gateway;
  if (host === "localhost" || isLoopbackAddress(host) || trustedProxies.length > 0) return;
  throw new Refused(
    "INSECURE_BIND",
    `gateway.host is ${host}: without TLS everyone on that network could read along. Use 127.0.0.1, or put a proxy with TLS in front and name it in gateway.trustedProxies.`,
  );
}
