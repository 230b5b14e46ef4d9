/**
 * Files in and out. The bot's token goes to Slack's own hosts and to that of `apiUrl`, never anywhere else: a file of a
 * conversation may lie on any server (docs.slack.dev, "Working with files": external and remote files).
 */
import { ChannelError, type OutboundMedia, type OutboundMessage } from "../contract.ts";
import { fromNetwork } from "./failure.ts";
import { toObject, toText } from "./inbound.ts";
import { toMrkdwn } from "./mrkdwn.ts";
import { fetchOnce, type Context, type Call } from "./web-api.ts";

/** Streams a file. Its address is asked for now: the one that came with the message may count no more. */
export async function* download(
  call: Call,
  context: Context,
  fileId: string,
  signal: AbortSignal,
): AsyncIterable<Uint8Array> {
  const { settings } = context;
  const file = toObject((await call("files.info", { file: fileId }, signal))["file"]);
  const url = toText(file["url_private_download"]) ?? toText(file["url_private"]);
  if (url === undefined || !isOfSlack(url, settings.apiUrl)) {
    throw new ChannelError("rejected", "This file does not lie on Slack, or no longer.");
  }
  try {
    const headers = { authorization: `Bearer ${settings.botToken ?? ""}` };
    const response = await fetchOnce(context, "the file", url, { headers, signal });
    const isPage = response.headers.get("content-type")?.startsWith("text/html") === true;
    // Without the right to read files Slack shows its sign-in page instead.
    if (isPage && file["mimetype"] !== "text/html") {
      await response.body?.cancel();
      throw new ChannelError("rejected", "Slack does not let the app read files. Add the scope files:read to it.");
    }
    if (response.body !== null) yield* response.body;
  } catch (thrown) {
    throw toFileError(thrown, [401, 403, 404, 410]);
  }
}

/**
 * Sends a file with words under it. Until the last call nothing is seen by anyone, so that only its answer matters.
 * Slack gives no id of the message that it makes of it (docs.slack.dev, "files.completeUploadExternal").
 */
export async function upload(
  call: Call,
  context: Context,
  { chat, text, buttons, media }: OutboundMessage & { media: OutboundMedia },
  signal: AbortSignal,
): Promise<void> {
  if (buttons !== undefined) throw new ChannelError("rejected", "Slack shows no buttons under a file.");
  const title = media.fileName.toWellFormed();
  const id = await leave(call, context, title, media.bytes, signal).catch((thrown: unknown) => {
    throw toFileError(thrown, [413]);
  });
  const where = { channel_id: chat.id, thread_ts: chat.threadId };
  const args = { ...where, files: [{ id, title }], initial_comment: toMrkdwn(text) || undefined };
  await call("files.completeUploadExternal", args, signal);
}

/** Leaves the bytes with Slack. @returns the file's id */
async function leave(call: Call, context: Context, filename: string, bytes: Uint8Array, signal: AbortSignal) {
  const place = await call("files.getUploadURLExternal", { filename, length: bytes.byteLength }, signal);
  const id = toText(place["file_id"]);
  const url = toText(place["upload_url"]);
  if (id === undefined || url === undefined || !isOfSlack(url, context.settings.apiUrl)) {
    throw new ChannelError("rejected", "Slack named no place of its own for the file.");
  }
  const headers = { "content-type": "application/octet-stream" };
  const init = { method: "POST", headers, body: new Uint8Array(bytes), signal };
  await (await fetchOnce(context, "the upload", url, init)).body?.cancel();
  return id;
}

/**
 * Nothing is seen of a file on its way: it may always be tried again, unless Slack refuses it for good.
 * @param refusals answers that no second try will change
 */
function toFileError(thrown: unknown, refusals: readonly unknown[]): ChannelError {
  const error = thrown instanceof ChannelError ? thrown : fromNetwork("the file", thrown, true);
  const status = error.details?.["status"];
  const words = `Slack refuses this file (HTTP ${String(status)}).`;
  if (refusals.includes(status)) return new ChannelError("rejected", words);
  return error.failure === "unknown" ? new ChannelError("retry", error.message, { cause: thrown }) : error;
}

/** Whether an address lies on Slack: over TLS on one of its hosts, or where `apiUrl` does. */
export function isOfSlack(address: string, apiUrl: string): boolean {
  const url = URL.parse(address);
  if (url === null) return false;
  if (url.origin === new URL(apiUrl).origin) return true;
  const isHost = /(^|\.)slack(-gov)?\.com$/.test(url.hostname);
  return url.protocol === "https:" && url.port === "" && url.username === "" && isHost;
}
