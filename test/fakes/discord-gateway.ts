/**
 * The gateway of a fake Discord: sessions that outlive their connections, with sequence numbers, replay on RESUME and
 * the close codes of "Opcodes and Status Codes". Says what a bot did (identified, resumed, beat), in `seen`.
 */
import { WebSocketServer, type WebSocket } from "ws";
import type { Json } from "./discord-world.ts";

interface Session {
  id: string;
  log: { op: 0; s: number; t: string; d: unknown }[];
  socket?: WebSocket;
}

export interface GatewaySight {
  connections: number;
  identifies: number;
  resumes: { seq: number }[];
  /** Milliseconds between HELLO and the first heartbeat of each connection. */
  firstBeats: number[];
  heartbeats: number;
}

export interface FakeGateway {
  server: WebSocketServer;
  seen: GatewaySight;
  /** Milliseconds that HELLO asks for between heartbeats. */
  heartbeatMs: number;
  /** Heartbeats are not answered: the connection is a zombie. */
  mute: boolean;
  /** Connections are taken and never answered. */
  stall: boolean;
  /** Closes with this instead of agreeing to IDENTIFY. */
  refuseWith: number | undefined;
  emit(t: string, d: unknown): void;
  /** Sends a frame as it is to every open connection. */
  raw(frame: string): void;
  close(code: number): void;
  /** Breaks the connections without a close frame. */
  cut(): void;
  /** Discord forgets every session. */
  forgetSessions(): void;
}

export function createFakeGateway(world: {
  isToken(token: unknown): boolean;
  url(): string;
  ready(): Json[];
}): FakeGateway {
  const server = new WebSocketServer({ noServer: true });
  const sessions = new Map<string, Session>();
  const seen: GatewaySight = { connections: 0, identifies: 0, resumes: [], firstBeats: [], heartbeats: 0 };
  const send = (socket: WebSocket | undefined, frame: Json) => {
    if (socket?.readyState === socket?.OPEN) socket?.send(JSON.stringify(frame));
  };
  const dispatch = (session: Session, t: string, d: unknown) => {
    const frame = { op: 0 as const, s: session.log.length + 1, t, d };
    session.log.push(frame);
    send(session.socket, frame);
  };

  const identify = (socket: WebSocket, d: Json) => {
    if (!world.isToken(d["token"])) return socket.close(4004, "Authentication failed.");
    if (gateway.refuseWith !== undefined) return socket.close(gateway.refuseWith, "Refused.");
    seen.identifies += 1;
    const session: Session = { id: `session-${sessions.size + 1}-${seen.identifies}`, log: [], socket };
    sessions.set(session.id, session);
    const [ready, ...rest] = world.ready();
    dispatch(session, "READY", { ...ready, v: 10, session_id: session.id, resume_gateway_url: world.url() });
    for (const guild of rest) dispatch(session, "GUILD_CREATE", guild);
    return undefined;
  };

  const resume = (socket: WebSocket, d: Json) => {
    if (!world.isToken(d["token"])) return socket.close(4004, "Authentication failed.");
    const session = sessions.get(String(d["session_id"]));
    const seq = Number(d["seq"]);
    seen.resumes.push({ seq });
    if (session === undefined) return send(socket, { op: 9, d: false });
    if (seq > session.log.length) return socket.close(4007, "Invalid seq.");
    session.socket = socket;
    for (const frame of session.log.slice(seq)) send(socket, frame);
    return dispatch(session, "RESUMED", {});
  };

  server.on("connection", (socket) => {
    seen.connections += 1;
    const greeted = performance.now();
    let isFirstBeat = true;
    send(socket, { op: 10, d: { heartbeat_interval: gateway.heartbeatMs } });
    socket.on("error", () => {});
    socket.on("message", (data: Buffer) => {
      const { op, d } = JSON.parse(data.toString("utf8")) as { op: number; d: Json };
      if (op === 2) identify(socket, d);
      if (op === 6) resume(socket, d);
      if (op !== 1) return;
      seen.heartbeats += 1;
      if (isFirstBeat) seen.firstBeats.push(performance.now() - greeted);
      isFirstBeat = false;
      if (!gateway.mute) send(socket, { op: 11 });
    });
  });

  const gateway: FakeGateway = {
    server,
    seen,
    heartbeatMs: 41_250,
    mute: false,
    stall: false,
    refuseWith: undefined,
    emit: (t, d) => {
      for (const session of sessions.values()) dispatch(session, t, d);
    },
    raw: (frame) => {
      for (const socket of server.clients) socket.send(frame);
    },
    close: (code) => {
      for (const socket of server.clients) socket.close(code);
    },
    cut: () => {
      for (const socket of server.clients) socket.terminate();
    },
    forgetSessions: () => sessions.clear(),
  };
  return gateway;
}
