/**
 * signal-cli's own daemon: `signal-cli daemon --http`. JSON-RPC 2.0 by `POST /api/v1/rpc`, events by `GET /api/v1/events`
 * (signal-cli-jsonrpc(5); parameters are the options of signal-cli(1) in camel case). Must never repeat a call.
 */
import { ChannelError, type ChatRef } from "../contract.ts";
import { toRpcFailure, toSendFailure } from "./failures.ts";
import { objectOf, objectsOf, parseJson, present, textOf } from "./fields.ts";
import { readBytes, type Http } from "./http.ts";
import { toRanges } from "./outbound.ts";
import { ANY_EMOJI, timestampOf, type Listening, type Received, type SignalService } from "./service.ts";
import { readEvents } from "./sse.ts";

export function createJsonRpcService(http: Http): SignalService {
  const rpc = async (method: string, params: object, signal: AbortSignal, isSend = true): Promise<unknown> => {
    const body = { jsonrpc: "2.0", id: "1", method, params: { account: http.account, ...params } };
    const answer = objectOf(await http.json("/api/v1/rpc", { method: "POST", body, signal, isSend }));
    const error = objectOf(answer["error"]);
    if (Object.keys(error).length > 0) {
      const response = objectOf(objectOf(error["data"])["response"]);
      // A group message that some did not get is an error too.
      if (objectsOf(response["results"]).some(({ type }) => type === "SUCCESS")) return response;
      throw toRpcFailure(error, http.account);
    }
    // Older versions answer with results that are all failures instead of an error.
    const failure = toSendFailure(objectOf(answer["result"]));
    if (failure !== undefined) throw failure;
    return answer["result"];
  };

  return {
    identities: (signal) => rpc("listIdentities", { number: http.account }, signal, false),
    listen: (listening) => listen(http, listening),
    async send({ chat, rendered, attachment, quote }, signal) {
      const params = {
        ...toTarget(chat),
        message: rendered.text,
        textStyles: rendered.styles.length === 0 ? undefined : toRanges(rendered),
        attachments: attachment === undefined ? undefined : [attachment],
        quoteTimestamp: quote?.timestamp,
        quoteAuthor: quote?.author,
      };
      return timestampOf(await rpc("send", params, signal));
    },
    async typing(chat, signal) {
      await rpc("sendTyping", toTarget(chat), signal);
    },
    async react(chat, { author, timestamp }, emoji, signal) {
      const reaction = { emoji: emoji ?? ANY_EMOJI, targetAuthor: author, targetTimestamp: timestamp };
      await rpc("sendReaction", { ...toTarget(chat), ...reaction, remove: emoji === undefined }, signal);
    },
    async *download(ref, signal) {
      const data = textOf(objectOf(await rpc("getAttachment", { id: ref }, signal, false))["data"]);
      if (data === undefined) throw new ChannelError("rejected", "signal-cli no longer has this file.");
      yield Buffer.from(data, "base64");
    },
  };
}

async function* listen(http: Http, { signal, after, onAlive }: Listening): AsyncGenerator<Received, void> {
  const headers = { accept: "text/event-stream", ...present({ "last-event-id": after }) };
  const path = `/api/v1/events?account=${encodeURIComponent(http.account)}`;
  const response = await http.open(path, { headers, signal });
  onAlive();
  for await (const { data, id = "" } of readEvents(readBytes(response, onAlive))) {
    const payload = parseJson(data);
    // It goes back in a header: one that does not fit there would end all further calls.
    yield /^[\x21-\x7e]{1,200}$/.test(id) ? { payload, eventId: id } : { payload };
  }
}

function toTarget(chat: ChatRef): object {
  return chat.kind === "group" ? { groupId: chat.id } : { recipient: [chat.id] };
}
