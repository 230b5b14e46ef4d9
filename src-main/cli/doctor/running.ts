/** The gateway that runs, or the port that one would take. Asks the gateway itself; opens nothing that it owns. */
import { createServer } from "node:net";
import { messageOf } from "#main/base/errors.ts";
import type { GatewayClient } from "#main/protocol/client.ts";
import { fault, fine, warning, type Finding } from "./finding.ts";
import { describeSecrets } from "./settings.ts";
import type { LockReading } from "../lock-file.ts";

/** True when the address can be listened on now. */
function isFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** Without a gateway: what its lock file says, and whether its port is there for it. */
export async function checkIdle(reading: LockReading, host: string, port: number): Promise<Finding[]> {
  const crashed =
    reading.state === "stale"
      ? [warning("gateway", `the last gateway, process ${reading.lock.pid}, ended without a word; its log may say why`)]
      : [];
  if (port === 0 || (await isFree(host, port))) {
    return [...crashed, fine("gateway", `none runs; ${port === 0 ? "it takes a free port" : `port ${port} is free`}`)];
  }
  const what = `port ${port} on ${host} is taken by another program: gateway.port can be another, or 0 for a free one`;
  return [...crashed, warning("gateway", what, "gateway.port")];
}

/**
 * With a gateway: what it says of itself, its database and its secrets included.
 * @param known messages that were said already, of the configuration
 */
export async function checkRunning(
  connect: () => Promise<GatewayClient>,
  version: string,
  known: ReadonlySet<string>,
): Promise<Finding[]> {
  let client: GatewayClient | undefined;
  try {
    client = await connect();
    const status = await client.request("status", {});
    const { secrets } = await client.request("models.authStatus", {});
    const findings = status.problems
      .filter((problem) => !known.has(problem) && problem !== secrets.message)
      .map((problem) => warning("gateway", problem));
    if (status.version !== version) {
      findings.push(warning("gateway", `it is version ${status.version}, this command line ${version}: restart it`));
    }
    const where = `process ${status.pid} at ${status.url}, up ${Math.round(status.uptimeMs / 1000)} s`;
    return [
      fine("gateway", where),
      ...findings,
      ...describeSecrets(secrets.backend, secrets.canStore, secrets.message, "auto"),
      fine("database", `in use by the gateway, which answers from it (${status.sessions.count} sessions)`),
    ];
  } catch (error) {
    return [fault("gateway", `it does not answer: ${messageOf(error)}`)];
  } finally {
    client?.close();
  }
}
