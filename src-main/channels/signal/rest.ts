/**
 * signal-cli-rest-api (bbernhard) in its mode json-rpc: calls by HTTP, events by WebSocket (its Swagger description). Must
 * never repeat a call.
 */
import { on } from "node:events";
import type { ChatRef } from "../contract.ts";
import { toNetworkFailure } from "./failures.ts";
import { parseJson } from "./fields.ts";
import { readBytes, type Http } from "./http.ts";
import { toStyledText } from "./outbound.ts";
import { ANY_EMOJI, timestampOf, type Listening, type Received, type SignalService } from "./service.ts";

/**
 * So many messages are held before the socket is read no more. The service has no queue: what it cannot write to us at
 * once it throws away, so room here is room for messages while they cannot be handed over.
 */
const MAX_WAITING = 1000;

export function createRestService(http: Http): SignalService {
  const number = encodeURIComponent(http.account);
  return {
    identities: (signal) => http.json(`/v1/identities/${number}`, { signal }),
    listen: (listening) => listen(http, number, listening),
    async send({ chat, rendered, attachment, quote }, signal) {
      const styled = toStyledText(rendered);
      const body = {
        number: http.account,
        recipients: [toRecipient(chat)],
        message: styled ?? rendered.text,
        text_mode: styled === undefined ? "normal" : "styled",
        base64_attachments: attachment === undefined ? undefined : [attachment],
        quote_timestamp: quote?.timestamp,
        quote_author: quote?.author,
      };
      return timestampOf(await http.json("/v2/send", { method: "POST", body, signal, isSend: true }));
    },
    async typing(chat, signal) {
      const body = { recipient: toRecipient(chat) };
      await http.json(`/v1/typing-indicator/${number}`, { method: "PUT", body, signal, isSend: true });
    },
    async react(chat, { author, timestamp }, emoji, signal) {
      const body = { recipient: toRecipient(chat), reaction: emoji ?? ANY_EMOJI, target_author: author, timestamp };
      const method = emoji === undefined ? "DELETE" : "POST";
      await http.json(`/v1/reactions/${number}`, { method, body, signal, isSend: true });
    },
    async *download(ref, signal) {
      yield* readBytes(await http.open(`/v1/attachments/${encodeURIComponent(ref)}`, { signal }));
    },
  };
}

/** A group goes by a prefix and signal-cli's id once more in base64. */
function toRecipient({ kind, id }: ChatRef): string {
  return kind === "group" ? `group.${Buffer.from(id, "utf8").toString("base64")}` : id;
}

async function* listen(http: Http, number: string, { signal, onAlive }: Listening): AsyncGenerator<Received, void> {
  const { WebSocket } = await import("ws");
  const url = `${http.base.replace(/^http/, "ws")}/v1/receive/${number}`;
  const socket = new WebSocket(url, { perMessageDeflate: false });
  for (const sign of ["open", "ping", "message"]) socket.on(sign, onAlive);
  // One that is given up while it connects says so once nobody listens any more.
  socket.on("error", () => {});
  try {
    const room = { highWaterMark: MAX_WAITING, lowWaterMark: 1 };
    const messages = on(socket, "message", { signal, close: ["close"], ...room }) as AsyncIterable<[Buffer]>;
    for await (const [data] of messages) yield { payload: parseJson(data.toString("utf8")) };
  } catch (thrown) {
    throw toNetworkFailure(thrown, false);
  } finally {
    socket.terminate();
  }
}
