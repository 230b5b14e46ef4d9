/**
 * Files in and out. The bot's token goes to Slack's own hosts and to that of `apiUrl`, never anywhere else: a file of a
 * conversation may lie on any server (docs.slack.dev, "Working with files": external and remote files).
 */
import { ChannelError, type ChannelContext, type OutboundMessage } from "../contract.ts";
import { fromNetwork } from "./failure.ts";
import { toObject, toText } from "./inbound.ts";
import { toContent } from "./outbound.ts";
import { fromStatus, type SlackApi } from "./web-api.ts";

type Context = ChannelContext<{ botToken?: string; apiUrl: string }>;

/** Streams a file. Its address is asked for now: the one that came with the message may count no more. */
export async function* download(
  api: SlackApi,
  context: Context,
  fileId: string,
  signal: AbortSignal,
): AsyncIterable<Uint8Array> {
  const { settings, clock } = context;
  const file = toObject((await api.call("files.info", { file: fileId }, signal))["file"]);
  const url = toText(file["url_private_download"]) ?? toText(file["url_private"]);
  if (url === undefined) throw new ChannelError("rejected", "Slack no longer has this file.");
  if (!isOfSlack(url, settings.apiUrl)) {
    throw new ChannelError("rejected", "This file does not lie on Slack: it is only a link to another service.");
  }
  try {
    const headers = { authorization: `Bearer ${settings.botToken ?? ""}` };
    const response = await context.fetch(url, { headers, signal });
    const failure = judgeFile(response, file["mimetype"]) ?? fromStatus("the file", response, clock.now());
    if (failure !== undefined) {
      await response.body?.cancel();
      throw failure;
    }
    if (response.body !== null) yield* response.body;
  } catch (thrown) {
    // Nothing changes by loading: it may always be tried again.
    throw thrown instanceof ChannelError ? thrown : asRetry(fromNetwork("the file", thrown, true));
  }
}

/** A refusal for good. Without the right to read files Slack shows its sign-in page instead. */
function judgeFile(response: Response, mimeType: unknown): ChannelError | undefined {
  if ([401, 403, 404, 410].includes(response.status)) {
    return new ChannelError("rejected", `Slack does not give out this file (HTTP ${response.status}).`);
  }
  const isPage = response.headers.get("content-type")?.startsWith("text/html") === true;
  if (!isPage || mimeType === "text/html") return undefined;
  return new ChannelError("rejected", "Slack does not let the app read files. Add the scope files:read to it.");
}

/**
 * Sends a file with words under it. Until the last call nothing is seen by anyone, so that only its answer matters.
 * Slack gives no id of the message that it makes of it (docs.slack.dev, "files.completeUploadExternal").
 */
export async function upload(
  api: SlackApi,
  context: Context,
  message: OutboundMessage,
  signal: AbortSignal,
): Promise<void> {
  const { media, chat } = message;
  if (media === undefined) return;
  const { text, blocks, attachments } = toContent(message);
  if (attachments !== undefined) {
    throw new ChannelError("rejected", "The text is too long for Slack to stand with a file and buttons.");
  }
  const filename = media.fileName.toWellFormed();
  const place = await api
    .call("files.getUploadURLExternal", { filename, length: media.bytes.byteLength }, signal)
    .catch((error: unknown) => {
      throw asRetry(error);
    });
  const id = toText(place["file_id"]);
  const url = toText(place["upload_url"]);
  if (id === undefined || url === undefined || !isOfSlack(url, context.settings.apiUrl)) {
    throw new ChannelError("rejected", "Slack named no place of its own for the file.");
  }
  await putBytes(context, url, media.bytes, signal);
  // With both given Slack ignores the blocks.
  const words = blocks === undefined ? { initial_comment: text || undefined } : { blocks };
  const args = { files: [{ id, title: filename }], channel_id: chat.id, thread_ts: chat.threadId, ...words };
  await api.call("files.completeUploadExternal", args, signal);
}

async function putBytes(context: Context, url: string, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
  const headers = { "content-type": "application/octet-stream" };
  const init = { method: "POST", headers, body: new Uint8Array(bytes), signal };
  const response = await context.fetch(url, init).catch((thrown: unknown) => {
    throw asRetry(fromNetwork("the upload", thrown, true));
  });
  await response.body?.cancel();
  if (response.status === 413) throw new ChannelError("rejected", "The file is too large for this Slack workspace.");
  const failure = fromStatus("the upload", response, context.clock.now());
  if (failure !== undefined) throw failure;
}

function asRetry(error: unknown): unknown {
  if (!(error instanceof ChannelError) || error.failure !== "unknown") return error;
  return new ChannelError("retry", error.message, { cause: error });
}

/** Whether an address lies on Slack: over TLS on one of its hosts, or where `apiUrl` does. */
export function isOfSlack(address: string, apiUrl: string): boolean {
  if (!URL.canParse(address)) return false;
  const url = new URL(address);
  if (url.origin === new URL(apiUrl).origin) return true;
  const isHost = /(^|\.)slack(-gov)?\.com$/.test(url.hostname);
  return url.protocol === "https:" && url.port === "" && url.username === "" && isHost;
}
