/**
 * signal-cli's own daemon: `signal-cli daemon --http`. JSON-RPC 2.0 by `POST /api/v1/rpc`, events by `GET /api/v1/events`
 * (signal-cli-jsonrpc(5); parameters are the options of signal-cli(1) in camel case). Must never repeat a call.
 */
import { ChannelError, type ChatRef } from "../contract.ts";
import { toRpcFailure, toSendFailure } from "./failures.ts";
import { countOf, objectOf, objectsOf, parseJson, textOf } from "./fields.ts";
import { readBytes, type Http } from "./http.ts";
import { toRanges } from "./outbound.ts";
import {
  ANY_EMOJI,
  findAci,
  unlessRejected,
  type Listening,
  type Received,
  type SignalMessage,
  type SignalService,
} from "./service.ts";
import { readEvents } from "./sse.ts";

/** A file of Signal's largest size (100 MB) in base64, with its frame. */
const MAX_FILE_ANSWER = 140_000_000;

interface RpcCall {
  signal: AbortSignal;
  isSend?: boolean;
  maxBytes?: number;
}

export function createJsonRpcService(http: Http): SignalService {
  const rpc = async (method: string, params: object, { maxBytes, ...call }: RpcCall): Promise<unknown> => {
    const body = { jsonrpc: "2.0", id: "1", method, params: { account: http.account, ...params } };
    const answer = objectOf(await http.json("/api/v1/rpc", { method: "POST", body, ...call }, maxBytes));
    if (typeof answer["error"] === "object" && answer["error"] !== null) {
      const error = objectOf(answer["error"]);
      const response = objectOf(objectOf(error["data"])["response"]);
      if (objectsOf(response["results"]).some(({ type }) => type === "SUCCESS")) return response;
      throw toRpcFailure(error, http.account);
    }
    // Older versions answer with results that are all failures instead of an error.
    const failure = toSendFailure(objectOf(answer["result"]));
    if (failure !== undefined) throw failure;
    return answer["result"];
  };

  return {
    async identify(signal) {
      const own = await unlessRejected(rpc("listIdentities", { number: http.account }, { signal }));
      return findAci(own, http.account);
    },
    listen: (listening) => listen(http, listening),
    async send(message, signal) {
      const result = await rpc("send", toParams(message), { signal, isSend: true });
      const timestamp = countOf(objectOf(result)["timestamp"]);
      if (timestamp === undefined) throw new ChannelError("unknown", "signal-cli did not say which message it sent.");
      return timestamp;
    },
    async typing(chat, signal) {
      await rpc("sendTyping", toTarget(chat), { signal, isSend: true });
    },
    async react(chat, { author, timestamp }, emoji, signal) {
      const reaction = { emoji: emoji ?? ANY_EMOJI, targetAuthor: author, targetTimestamp: timestamp };
      await rpc(
        "sendReaction",
        { ...toTarget(chat), ...reaction, remove: emoji === undefined },
        { signal, isSend: true },
      );
    },
    async *download(ref, signal) {
      const [, packId, stickerId] = /^sticker:(\w+):(\d+)$/.exec(ref) ?? [];
      const [method, params] =
        packId === undefined
          ? ["getAttachment", { id: ref }]
          : ["getSticker", { packId, stickerId: Number(stickerId) }];
      const data = textOf(objectOf(await rpc(method, params, { signal, maxBytes: MAX_FILE_ANSWER }))["data"]);
      if (data === undefined) throw new ChannelError("rejected", "signal-cli no longer has this file.");
      yield Buffer.from(data, "base64");
    },
  };
}

async function* listen(http: Http, { signal, after, onOpen, onAlive }: Listening): AsyncGenerator<Received, void> {
  const headers = { accept: "text/event-stream", ...(after === undefined ? {} : { "last-event-id": after }) };
  const path = `/api/v1/events?account=${encodeURIComponent(http.account)}`;
  const response = await http.open(path, { headers, signal });
  onOpen();
  for await (const { data, id } of readEvents(alive(readBytes(response), onAlive))) {
    // It goes back in a header: one that does not fit there would end all further calls.
    const isUsable = id !== undefined && /^[\x21-\x7e]{1,200}$/.test(id);
    yield { payload: parseJson(data), ...(isUsable ? { eventId: id } : {}) };
  }
}

async function* alive(chunks: AsyncIterable<Uint8Array>, onAlive: () => void): AsyncGenerator<Uint8Array, void> {
  for await (const chunk of chunks) {
    onAlive();
    yield chunk;
  }
}

function toTarget(chat: ChatRef): object {
  return chat.kind === "group" ? { groupId: chat.id } : { recipient: [chat.id] };
}

function toParams({ chat, rendered, attachment, quote, editTimestamp }: SignalMessage): object {
  return {
    ...toTarget(chat),
    message: rendered.text,
    ...(rendered.styles.length === 0 ? {} : { textStyles: toRanges(rendered) }),
    ...(attachment === undefined ? {} : { attachments: [attachment] }),
    ...(quote === undefined ? {} : { quoteTimestamp: quote.timestamp, quoteAuthor: quote.author }),
    ...(editTimestamp === undefined ? {} : { editTimestamp }),
  };
}
