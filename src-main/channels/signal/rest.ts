/**
 * signal-cli-rest-api (bbernhard) in its mode json-rpc: calls by HTTP, events by WebSocket (its Swagger description). Must
 * never repeat a call.
 */
import { ChannelError, type ChatRef } from "../contract.ts";
import { toNetworkFailure } from "./failures.ts";
import { countOf, objectOf, parseJson, textOf } from "./fields.ts";
import { readBytes, type Http } from "./http.ts";
import { toRestGroupId, toStyledText } from "./outbound.ts";
import {
  ANY_EMOJI,
  findAci,
  unlessRejected,
  type Listening,
  type Received,
  type SignalMessage,
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
        throw new ChannelError(
          "rejected",
          `signal-cli-rest-api runs in mode "${mode.slice(0, 20)}", which hears nothing. Start it with MODE=json-rpc.`,
        );
      }
      return findAci(await unlessRejected(http.json(`/v1/identities/${number}`, { signal })), http.account);
    },
    listen: (listening) => listen(http, number, listening),
    async send(message, signal) {
      const body = { number: http.account, ...toBody(message) };
      const answer = objectOf(await http.json("/v2/send", { method: "POST", body, signal, isSend: true }));
      const timestamp = countOf(answer["timestamp"]);
      if (timestamp === undefined) throw new ChannelError("unknown", "signal-cli did not say which message it sent.");
      return timestamp;
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
      if (ref.startsWith("sticker:")) {
        throw new ChannelError("rejected", "signal-cli-rest-api does not hand out stickers.");
      }
      yield* readBytes(await http.open(`/v1/attachments/${encodeURIComponent(ref)}`, { signal }));
    },
  };
}

function toRecipient(chat: ChatRef): string {
  return chat.kind === "group" ? toRestGroupId(chat.id) : chat.id;
}

function toBody({ chat, rendered, attachment, quote, editTimestamp }: SignalMessage): object {
  const styled = toStyledText(rendered);
  return {
    recipients: [toRecipient(chat)],
    message: styled ?? rendered.text,
    text_mode: styled === undefined ? "normal" : "styled",
    ...(attachment === undefined ? {} : { base64_attachments: [attachment] }),
    ...(quote === undefined ? {} : { quote_timestamp: quote.timestamp, quote_author: quote.author }),
    ...(editTimestamp === undefined ? {} : { edit_timestamp: editTimestamp }),
  };
}

async function* listen(http: Http, number: string, listening: Listening): AsyncGenerator<Received, void> {
  const { WebSocket } = await import("ws");
  const waiting: string[] = [];
  let end: ChannelError | undefined;
  let wake = () => {};
  const stop = (error: ChannelError) => {
    end ??= error;
    wake();
  };
  const url = `${http.base.replace(/^http/, "ws")}/v1/receive/${number}`;
  const socket = new WebSocket(url, { maxPayload: MAX_MESSAGE, perMessageDeflate: false });
  const abort = () => {
    stop(toNetworkFailure(listening.signal.reason, false));
    socket.terminate();
  };
  listening.signal.addEventListener("abort", abort, { once: true });
  if (listening.signal.aborted) abort();
  socket.on("open", listening.onOpen);
  socket.on("ping", listening.onAlive);
  socket.on("message", (data: Buffer) => {
    listening.onAlive();
    waiting.push(data.toString("utf8"));
    if (waiting.length >= MAX_WAITING) socket.pause();
    wake();
  });
  socket.on("error", (error) => stop(toNetworkFailure(error, false)));
  socket.on("close", () => stop(new ChannelError("retry", "signal-cli-rest-api closed the connection.")));
  try {
    for (;;) {
      const next = waiting.shift();
      if (next !== undefined) yield { payload: parseJson(next) };
      else if (end !== undefined) throw end;
      else {
        socket.resume();
        await new Promise<void>((resolve) => (wake = resolve));
      }
    }
  } finally {
    listening.signal.removeEventListener("abort", abort);
    socket.terminate();
  }
}
