/**
 * Opens a connection to an address that was checked, and to no other: no name is looked up here, no proxy is asked.
 * TLS is always verified against the name in the URL, whatever the environment says.
 */
import { once } from "node:events";
import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";

/** Where a connection goes, exactly. */
export interface Target {
  /** A checked address in plain notation. */
  address: string;
  port: number;
}

/** Starts a TCP connection. The default is the system's; tests put a public address on loopback. */
export type Connect = (target: Target) => Socket;

export interface ConnectOptions {
  connect: Connect;
  signal: AbortSignal;
  /** Certificates in PEM trusted beside the usual ones; the owner's own authority. */
  ca: readonly string[] | undefined;
}

export function connectBySystem({ address, port }: Target): Socket {
  return connectTcp({ host: address, port, family: isIP(address) });
}

/**
 * A connected socket, for https after the certificate was verified. The caller destroys it. Rejects with the system's
 * error, or with the signal's reason; nothing stays open then.
 * @param hostname as in the URL: what the certificate must be for, and what SNI says when it is a name
 */
export async function openConnection(
  target: Target,
  { protocol, hostname }: { protocol: string; hostname: string },
  { connect, signal, ca }: ConnectOptions,
): Promise<Socket> {
  signal.throwIfAborted();
  const tcp = connect(target);
  if (protocol !== "https:") return await whenReady(tcp, "connect", signal);
  const name = hostname.replace(/^\[|\]$/g, "");
  const tls = connectTls({
    socket: tcp,
    host: name,
    ...(isIP(name) === 0 ? { servername: name } : {}),
    ALPNProtocols: ["http/1.1"],
    minVersion: "TLSv1.2",
    rejectUnauthorized: true,
    ...(ca === undefined ? {} : { ca: [...ca] }),
  });
  // A failure below does not always reach the layer above, and an error nobody listens to ends the process.
  tcp.on("error", (error) => tls.destroy(error));
  tls.once("close", () => tcp.destroy());
  return await whenReady(tls, "secureConnect", signal);
}

async function whenReady(socket: Socket, event: string, signal: AbortSignal): Promise<Socket> {
  // Late errors of a socket that is given up have nobody to tell.
  socket.on("error", () => {});
  const over = new AbortController();
  const until = { signal: AbortSignal.any([signal, over.signal]) };
  const closed = once(socket, "close", until).then(() => Promise.reject(new Error("the connection was closed")));
  try {
    await Promise.race([once(socket, event, until), closed]);
    return socket;
  } catch (error) {
    socket.destroy();
    signal.throwIfAborted();
    throw error;
  } finally {
    closed.catch(() => {});
    over.abort();
  }
}
