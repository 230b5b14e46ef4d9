/**
 * signal-cli-rest-api (bbernhard) in its mode json-rpc: calls by HTTP, events by WebSocket (its Swagger description). Must
 * never repeat a call.
 */
import { on } from "node:events";
import { ChannelError, type ChatRef } from "../contract.ts";
import { toNetworkFailure } from "./failures.ts";
import { objectOf, parseJson, textOf } from "./fields.ts";
import { readBytes, type Http } from "./http.ts";
import { toStyledText } from "./outbound.ts";
import {
  ANY_EMOJI,
  findAci,
  timestampOf,
  unlessRejected,
  type Listening,
  type Received,
  type SignalService,
} from "./service.ts";

/** Longest envelope, bytes. */
const MAX_MESSAGE = 4_000_000;
/**
 * So many messages are held before the socket is read no more. The service has no queue: what it cannot write to us at
 * once it throws away, so room here is room for messages while they cannot be handed over.
 */
const MAX_WAITING = 1000;

export function createRestService(http: Http): SignalService {
  const number = encodeURIComponent(http.account);
  return {
    async identify(signal) {
      const mode = textOf(objectOf(await http.json("/v1/about", { signal }))["mode"]);
      if (mode !== undefined && !mode.startsWith("json-rpc")) {
        const message = `signal-cli-rest-api runs in mode "${mode.slice(0, 20)}", which hears nothing.`;
        throw new ChannelError("rejected", `${message} Start it with MODE=json-rpc.`);
      }
      return findAci(await unlessRejected(http.json(`/v1/identities/${number}`, { signal })), http.account);
    },
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
  const socket = new WebSocket(url, { maxPayload: MAX_MESSAGE, perMessageDeflate: false });
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
