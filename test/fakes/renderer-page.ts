/** The built page, served with a played gateway behind it: what a real one seldom says can be said here. */
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize, resolve } from "node:path";
import { type WebSocket, WebSocketServer } from "ws";
import { createRendererGateway, type RendererGateway } from "./renderer-gateway.ts";

/** Another build than the repository's own can be tested by naming its `out`. */
const out = process.env["GATEHOUSE_TEST_BUILD"] ?? resolve(import.meta.dirname, "../../out");

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
};

export interface PlayedPage {
  gateway: RendererGateway;
  /** Opens the page, let in. */
  link: string;
  close(): Promise<void>;
}

function serveFiles(): Server {
  const root = join(out, "renderer");
  return createServer((request, response) => {
    const path = normalize(new URL(request.url ?? "/", "http://played").pathname);
    const file = join(root, path === "/" ? "index.html" : path);
    readFile(file).then(
      (bytes) => response.writeHead(200, { "content-type": TYPES[extname(file)] ?? "" }).end(bytes),
      () => response.writeHead(404).end(),
    );
  });
}

/** Carries frames between the page's socket and the played gateway. */
function carry(gateway: RendererGateway, live: WebSocket): void {
  const socket = gateway.open("ws://played");
  socket.onmessage = ({ data }) => live.send(String(data));
  socket.onclose = ({ code, reason }) => live.close(code === 1006 ? 1011 : code, reason);
  live.on("message", (data: Buffer) => socket.send(data.toString("utf8")));
  live.on("close", () => socket.close());
}

export async function servePlayedPage(prepare: (gateway: RendererGateway) => void): Promise<PlayedPage> {
  const gateway = createRendererGateway();
  prepare(gateway);
  const server = serveFiles();
  const sockets = new WebSocketServer({ server });
  sockets.on("connection", (live) => carry(gateway, live));
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const { port } = server.address() as AddressInfo;
  return {
    gateway,
    link: `http://127.0.0.1:${port}/#code=code`,
    async close() {
      for (const live of sockets.clients) live.terminate();
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
