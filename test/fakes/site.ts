/**
 * Web sites of the public internet, played on loopback: a test says which public address leads to which of them. What
 * nobody gave an address is connected to for real when it is this machine, and fails loudly otherwise.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { connect as connectTcp, isIP, type AddressInfo, type Server } from "node:net";
import type { Connect } from "#main/base/guarded-net/connect.ts";

export interface SiteRequest {
  method: string;
  url: string;
  headers: IncomingMessage["headers"];
  body: string;
}

export interface Site {
  port: number;
  /** Connections that were ever accepted: what counts when nothing may get through. */
  readonly connections: number;
  requests: SiteRequest[];
  close(): Promise<void>;
}

export type SiteHandler = (request: SiteRequest, response: ServerResponse) => void;

/** Starts a site on a free port of loopback; with a key and certificate it speaks TLS. */
export async function startSite(
  handler: SiteHandler,
  { host = "127.0.0.1", tls }: { host?: string; tls?: { key: string; cert: string } } = {},
): Promise<Site> {
  const requests: SiteRequest[] = [];
  let connections = 0;
  const onRequest = (incoming: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("end", () => {
      const request: SiteRequest = {
        method: incoming.method ?? "",
        url: incoming.url ?? "",
        headers: incoming.headers,
        body: Buffer.concat(chunks).toString("utf8"),
      };
      requests.push(request);
      handler(request, response);
    });
    incoming.on("error", () => {});
  };
  const server: Server = tls === undefined ? createServer(onRequest) : createTlsServer(tls, onRequest);
  server.on("connection", (socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on("error", () => {});
    socket.once("close", () => sockets.delete(socket));
  });
  server.on("tlsClientError", () => {});
  const sockets = new Set<{ destroy(): void }>();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    requests,
    get connections() {
      return connections;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** Answers each path with what the table says, and 404 otherwise. */
export function pages(
  table: Readonly<Record<string, { status?: number; headers?: Record<string, string>; body?: string | Uint8Array }>>,
): SiteHandler {
  return (request, response) => {
    const page = table[request.url];
    response.writeHead(page?.status ?? (page ? 200 : 404), { "content-type": "text/html", ...page?.headers });
    response.end(page?.body ?? "");
  };
}

/** Connections of a played internet: public addresses lead to sites, whatever the port. */
export function connectToSites(sites: Readonly<Record<string, Site>>): Connect & { readonly targets: string[] } {
  const targets: string[] = [];
  const connect: Connect = ({ address, port }) => {
    targets.push(`${address}:${port}`);
    const site = sites[address];
    if (site !== undefined) return connectTcp({ host: "127.0.0.1", port: site.port });
    if (/^(127\.|0\.0\.0\.0|::1$|::ffff:)/.test(address)) {
      return connectTcp({ host: address, port, family: isIP(address) });
    }
    throw new Error(`this test gives nothing at ${address}`);
  };
  return Object.assign(connect, { targets });
}
