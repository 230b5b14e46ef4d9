/**
 * The Web API half of the fake Slack: what the methods answer, with Slack's own codes and limits. Knows nothing of HTTP.
 * Facts: the pages of the methods on docs.slack.dev.
 */
import type { PlatformMessage } from "./channel-platform.ts";

export const BOT = { userId: "U0GATE", botId: "B0GATE", teamId: "T0TEAM", appId: "A0APP", name: "gatehouse" };
export const BOT_TOKEN = "xoxb-1-2-fake";
export const APP_TOKEN = "xapp-1-A0APP-2-fake";

export type Args = Readonly<Record<string, string>>;
export type Answer = Record<string, unknown>;

export interface StoredFile {
  id: string;
  name: string;
  mimetype: string;
  bytes: Uint8Array;
  /** Where it lies when that is not here. */
  url?: string;
  /** Where its address leads on to. */
  redirect?: string;
}

/** What the workspace holds. */
export interface Workspace {
  channels: ReadonlySet<string>;
  messages: PlatformMessage[];
  files: Map<string, StoredFile>;
  reactions: Map<string, Map<string, Set<string>>>;
  ephemerals: { channel: string; user: string; text: string }[];
  /** A new message's time, which is its id. */
  nextTs(): string;
  /** Tells the app's own message to everybody, the app included. */
  announce(event: Record<string, unknown>): void;
}

const no = (error: string): Answer => ({ ok: false, error });
const yes = (more: Answer = {}): Answer => ({ ok: true, ...more });

/** Answers a method called with the bot's token. @param base address of this server */
export function answerMethod(workspace: Workspace, method: string, args: Args, base: string): Answer {
  switch (method) {
    case "auth.test":
      return yes({ user_id: BOT.userId, bot_id: BOT.botId, team_id: BOT.teamId, user: BOT.name, url: `${base}/` });
    case "chat.postMessage":
      return postMessage(workspace, args);
    case "chat.update":
      return updateMessage(workspace, args);
    case "chat.postEphemeral":
      workspace.ephemerals.push({ channel: args["channel"] ?? "", user: args["user"] ?? "", text: args["text"] ?? "" });
      return yes({ message_ts: workspace.nextTs() });
    case "files.info":
      return fileInfo(workspace, args, base);
    case "files.getUploadURLExternal":
      return startUpload(workspace, args, base);
    case "files.completeUploadExternal":
      return completeUpload(workspace, args);
    case "reactions.add":
    case "reactions.remove":
    case "reactions.get":
      return handleReaction(workspace, method, args);
    case "users.info":
      return yes({ user: { id: args["user"], name: "someone", profile: { display_name: `Name of ${args["user"]}` } } });
    default:
      return no("unknown_method");
  }
}

function postMessage(workspace: Workspace, args: Args): Answer {
  const refusal = judgeContent(workspace, args, 40_000);
  if (refusal !== undefined) return no(refusal);
  const message = keepMessage(workspace, args, args["text"] ?? "");
  workspace.announce(toEvent(message, args));
  return yes({ channel: message.chatId, ts: message.platformId, message: { text: message.text, type: "message" } });
}

function updateMessage(workspace: Workspace, args: Args): Answer {
  // Longer texts are refused here, though `chat.postMessage` takes them.
  const refusal = judgeContent(workspace, args, 4000);
  if (refusal !== undefined) return no(refusal);
  const message = workspace.messages.find(
    ({ platformId, chatId }) => platformId === args["ts"] && chatId === args["channel"],
  );
  if (message === undefined) return no("message_not_found");
  message.text = args["text"] ?? "";
  message.edits += 1;
  const buttons = readButtons(args);
  if (buttons !== undefined) message.buttons = buttons;
  return yes({ channel: message.chatId, ts: message.platformId, text: message.text });
}

function judgeContent({ channels }: Workspace, args: Args, maxText: number): string | undefined {
  const text = args["text"] ?? "";
  if (!channels.has(args["channel"] ?? "")) return "channel_not_found";
  if (text.length > maxText) return "msg_too_long";
  if (text === "" && (args["blocks"] ?? "[]") === "[]" && (args["attachments"] ?? "[]") === "[]") return "no_text";
  const sections = readBlocks(args).filter(({ type }) => type === "section");
  if (sections.some((block) => (block.text?.text.length ?? 0) > 3000)) return "invalid_blocks";
  return undefined;
}

interface Block {
  type: string;
  text?: { text: string };
  elements?: { action_id: string; text: { text: string }; value: string }[];
}

function readBlocks(args: Args): Block[] {
  const attachments = JSON.parse(args["attachments"] ?? "[]") as { blocks?: Block[] }[];
  const blocks = JSON.parse(args["blocks"] ?? "[]") as Block[];
  return [...blocks, ...attachments.flatMap((one) => one.blocks ?? [])];
}

/** Undefined: the call does not speak of them, they stay. */
function readButtons(args: Args): { label: string; data: string }[] | undefined {
  if (args["blocks"] === undefined && args["attachments"] === undefined) return undefined;
  const elements = readBlocks(args).flatMap((block) => (block.type === "actions" ? (block.elements ?? []) : []));
  return elements.map(({ text, value }) => ({ label: text.text, data: value }));
}

function keepMessage(workspace: Workspace, args: Args, text: string, file?: StoredFile): PlatformMessage {
  const message: PlatformMessage = {
    platformId: workspace.nextTs(),
    chatId: args["channel"] ?? args["channel_id"] ?? "",
    text,
    edits: 0,
  };
  if (args["thread_ts"] !== undefined) message.replyTo = args["thread_ts"];
  const buttons = readButtons(args);
  if (buttons !== undefined && buttons.length > 0) message.buttons = buttons;
  if (file !== undefined) message.media = { bytes: file.bytes, fileName: file.name, mimeType: file.mimetype };
  workspace.messages.push(message);
  return message;
}

/** A message of the app as the app itself is told of it. */
function toEvent(message: PlatformMessage, args: Args): Record<string, unknown> {
  const thread = args["thread_ts"] === undefined ? {} : { thread_ts: args["thread_ts"] };
  return {
    type: "message",
    channel: message.chatId,
    user: BOT.userId,
    bot_id: BOT.botId,
    app_id: BOT.appId,
    team: BOT.teamId,
    text: message.text,
    ts: message.platformId,
    event_ts: message.platformId,
    ...thread,
  };
}

export function describeFile(file: StoredFile, base: string): Answer {
  const url = file.url ?? `${base}/files-pri/${BOT.teamId}-${file.id}/${file.name}`;
  return {
    id: file.id,
    name: file.name,
    mimetype: file.mimetype,
    size: file.bytes.byteLength,
    mode: "hosted",
    is_external: file.url !== undefined,
    url_private: url,
    url_private_download: url,
  };
}

function fileInfo({ files }: Workspace, args: Args, base: string): Answer {
  const file = files.get(args["file"] ?? "");
  return file === undefined ? no("file_not_found") : yes({ file: describeFile(file, base) });
}

function startUpload({ files }: Workspace, args: Args, base: string): Answer {
  if (!(Number(args["length"]) > 0) || !args["filename"]) return no("invalid_arguments");
  const id = `F0UP${files.size + 1}`;
  files.set(id, { id, name: args["filename"], mimetype: "application/octet-stream", bytes: new Uint8Array() });
  return yes({ file_id: id, upload_url: `${base}/upload/v1/${id}` });
}

function completeUpload(workspace: Workspace, args: Args): Answer {
  const [first] = JSON.parse(args["files"] ?? "[]") as { id: string; title?: string }[];
  const file = workspace.files.get(first?.id ?? "");
  if (file === undefined || file.bytes.byteLength === 0) return no("file_not_found");
  if (!workspace.channels.has(args["channel_id"] ?? "")) return no("channel_not_found");
  const section = readBlocks(args).find(({ type }) => type === "section")?.text?.text;
  const message = keepMessage(workspace, args, args["initial_comment"] ?? section ?? "", file);
  workspace.announce({ ...toEvent(message, args), subtype: "file_share", files: [{ id: file.id, name: file.name }] });
  return yes({ files: [{ id: file.id, title: first?.title }] });
}

function handleReaction({ reactions }: Workspace, method: string, args: Args): Answer {
  const key = `${args["channel"]}:${args["timestamp"]}`;
  const ofMessage = reactions.get(key) ?? new Map<string, Set<string>>();
  reactions.set(key, ofMessage);
  if (method === "reactions.get") {
    const list = [...ofMessage].map(([name, users]) => ({ name, users: [...users], count: users.size }));
    return yes({ type: "message", message: { ts: args["timestamp"], reactions: list } });
  }
  const name = args["name"] ?? "";
  const users = ofMessage.get(name) ?? new Set<string>();
  ofMessage.set(name, users);
  const has = users.has(BOT.userId);
  if (method === "reactions.add" && has) return no("already_reacted");
  if (method === "reactions.remove" && !has) return no("no_reaction");
  if (method === "reactions.add") users.add(BOT.userId);
  else users.delete(BOT.userId);
  return yes();
}
