/**
 * The Engine API over its socket: one call, one answer, and the stream of an attached command. Source: Docker Engine API
 * reference, v1.41 and later; paths without a version mean the newest. Must never reach for another address.
 */
import { request } from "node:http";
import { connect, type Socket } from "node:net";
import type { Clock } from "#main/base/clock.ts";
import { NetworkError, RemoteError } from "#main/base/errors.ts";

/** Milliseconds for an answer. A container starts within that. */
const ANSWER_MS = 15_000;
/** Bytes of an answer. */
const MAX_ANSWER = 4 * 1024 * 1024;

export interface EngineAnswer {
  status: number;
  body: unknown;
}

export class Engine {
  readonly #socketPath: string;
  readonly #clock: Clock;

  /** @param socketPath absolute path of the Engine's Unix socket */
  constructor(socketPath: string, clock: Clock) {
    this.#socketPath = socketPath;
    this.#clock = clock;
  }

  /**
   * Calls the Engine. `ok` lists further statuses that are answers and no failure.
   * Throws RemoteError with the Engine's own words, NetworkError when it does not answer.
   */
  async call(
    method: "GET" | "POST" | "DELETE",
    path: string,
    sent?: unknown,
    ok: readonly number[] = [],
  ): Promise<EngineAnswer> {
    const answer = await this.#exchange(method, path, sent);
    if (answer.status < 300 || ok.includes(answer.status)) return answer;
    const said =
      typeof answer.body === "object" && answer.body !== null && "message" in answer.body
        ? String(answer.body.message)
        : "no reason";
    throw new RemoteError(
      "UNAVAILABLE",
      `Docker answered ${answer.status} to ${method} ${path.split("?")[0]}: ${said.slice(0, 300)}`,
    );
  }

  #exchange(method: string, path: string, sent: unknown): Promise<EngineAnswer> {
    const body = sent === undefined ? undefined : JSON.stringify(sent);
    return new Promise((resolve, reject) => {
      const fail = (why: string, cause?: unknown) => {
        void timer.dispose();
        call.destroy();
        reject(new NetworkError("UNAVAILABLE", `Docker cannot be reached at ${this.#socketPath}: ${why}`, { cause }));
      };
      const call = request(
        { socketPath: this.#socketPath, method, path, headers: headersOf(body), agent: false },
        (response) => {
          const chunks: Buffer[] = [];
          let bytes = 0;
          response.on("data", (chunk: Buffer) => {
            chunks.push(chunk);
            bytes += chunk.length;
            if (bytes > MAX_ANSWER) fail("its answer is too long");
          });
          response.on("error", (error) => fail(error.message, error));
          response.on("end", () => {
            void timer.dispose();
            resolve({ status: response.statusCode ?? 0, body: parse(Buffer.concat(chunks).toString("utf8")) });
          });
        },
      );
      const timer = this.#clock.after(ANSWER_MS, () => fail(`no answer within ${ANSWER_MS / 1000} s`));
      call.on("error", (error) => fail(error.message, error));
      call.end(body);
    });
  }

  /**
   * Starts a prepared command and gives its raw stream: frames come out, standard input goes in until `end()`.
   * Throws RemoteError or NetworkError.
   */
  attach(execId: string): Promise<Socket> {
    const body = JSON.stringify({ Detach: false, Tty: false });
    return new Promise((resolve, reject) => {
      const fail = (why: string, cause?: unknown) => {
        void timer.dispose();
        call.destroy();
        reject(new NetworkError("UNAVAILABLE", `Docker did not start the command: ${why}`, { cause }));
      };
      const call = request({
        ...{ method: "POST", path: `/exec/${encodeURIComponent(execId)}/start` },
        headers: { ...headersOf(body), Connection: "Upgrade", Upgrade: "tcp" },
        // Half open: standard input ends while output still comes.
        createConnection: () => connect({ path: this.#socketPath, allowHalfOpen: true }),
      });
      const timer = this.#clock.after(ANSWER_MS, () => fail(`no answer within ${ANSWER_MS / 1000} s`));
      call.on("upgrade", (_response, socket, head) => {
        void timer.dispose();
        if (head.length > 0) socket.unshift(head);
        resolve(socket as Socket);
      });
      call.on("response", (response) => {
        response.resume();
        fail(`it answered ${response.statusCode}`);
      });
      call.on("error", (error) => fail(error.message, error));
      call.end(body);
    });
  }
}

function headersOf(body: string | undefined): Record<string, string> {
  if (body === undefined) return { Host: "docker" };
  return { Host: "docker", "Content-Type": "application/json", "Content-Length": String(Buffer.byteLength(body)) };
}

function parse(text: string): unknown {
  try {
    return text === "" ? undefined : JSON.parse(text);
  } catch {
    return text;
  }
}
