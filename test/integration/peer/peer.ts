/**
 * How the clients of OpenClaw 2026.9.6 introduce themselves, as recorded from its command line and terminal UI against
 * this gateway. The frames are observations; nothing of the package is needed to send them again.
 */
import type { ConnectOptions, WireClient } from "#test/fakes/wire-client.ts";
import type { TestGateway } from "#test/fakes/gateway.ts";

const version = "2026.9.6";

/** The command line with a token given: protocol 4 only, no device, one scope per command. */
export function asCommandLine(scope: string): ConnectOptions {
  return {
    min: 4,
    max: 4,
    client: {
      id: "cli",
      mode: "cli",
      version,
      platform: "linux",
      deviceFamily: "Linux",
      instanceId: "545a3508-03f7-40c8-8011-b32d2c498106",
    },
    caps: [],
    scopes: [scope],
  };
}

/** What `health`, `status` and `models list` run behind: another name and mode, named after the method. */
export function asBackend(method: string, scope = "operator.read"): ConnectOptions {
  const line = asCommandLine(scope);
  return {
    ...line,
    client: { ...line.client, id: "gateway-client", mode: "backend", displayName: `gateway:${method}` },
  };
}

/** The probe before `status`: speaks 3 and 4, calls itself a development version. */
export function asProbe(): ConnectOptions {
  const line = asCommandLine("operator.read");
  return { ...line, min: 3, client: { ...line.client, mode: "probe", version: "dev" } };
}

/** The terminal UI: always with a device of its own, and with admin among its scopes. */
export function asTerminal(device: NonNullable<ConnectOptions["device"]>): ConnectOptions {
  const line = asCommandLine("");
  return {
    ...line,
    client: { ...line.client, id: "openclaw-tui", mode: "ui", displayName: "openclaw-tui" },
    caps: ["agent-kind", "plugin-approvals", "task-suggestions", "tool-events"],
    scopes: ["operator.admin", "operator.read", "operator.write", "operator.approvals"],
    device,
  };
}

/** One command: a connection, one request, its answer. The command line does no more. */
export async function runCommand<T = Record<string, unknown>>(
  world: TestGateway,
  options: ConnectOptions,
  method: string,
  params?: unknown,
): Promise<T> {
  const client = await world.connect(options);
  try {
    return await client.call<T>(method, params);
  } finally {
    await client.close();
  }
}

/** `agent` answers twice with one id; gives both payloads. */
export async function runAgentCommand(client: WireClient, params: unknown): Promise<Record<string, unknown>[]> {
  const id = client.post("agent", params);
  const isAnswer = (frame: { type: string; id?: string; ok?: boolean; payload?: unknown }) =>
    frame.type === "res" && frame.id === id;
  await client.find(
    (frame) => isAnswer(frame as never) && (frame as { payload?: { status?: string } }).payload?.status !== "accepted",
  );
  return client.answers(id).map((answer) => (answer.payload ?? answer.error) as Record<string, unknown>);
}
