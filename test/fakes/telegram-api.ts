/**
 * The methods of the Bot API that a bot of ours calls, over the state of a small Telegram: chats, messages, files. Speaks
 * in values; `telegram-platform.ts` puts it on a socket. Facts: core.telegram.org/bots/api, "Available methods".
 */
import type { PlatformFault, PlatformMessage } from "./channel-platform.ts";
import { ok, refusal, UpdateQueue, type Answer } from "./telegram-updates.ts";
import { readHtml, type CallBody, type UploadedFile } from "./telegram-wire.ts";

export type Fields = Record<string, unknown>;

export interface RecordedCall extends CallBody {
  method: string;
}

/** Answered by breaking the connection. */
export type Outcome = Answer | "lost";

export const BOT = { id: 4242, is_bot: true, first_name: "Gatehouse", username: "gatehouse_test_bot" };

const SENDS = /^send(Message|Photo|Voice|Audio|Video|Document|Sticker)$/;

export class FakeBotApi {
  readonly updates = new UpdateQueue();
  readonly calls: RecordedCall[] = [];
  /** Every message that anybody wrote, by `chat:message`. */
  readonly messages = new Map<string, Fields>();
  readonly sent: PlatformMessage[] = [];
  readonly files = new Map<string, { path: string; bytes: Uint8Array; size?: number }>();
  webhook: { url: string; secret: string } | undefined;
  webhookError: string | undefined;
  isRevoked = false;
  sendCalls = 0;
  typings = 0;
  #faults: PlatformFault[] = [];
  #scripted: { method: string; answer: Outcome | Promise<Outcome> }[] = [];
  readonly #lastMessageId = new Map<string, number>();

  fail(fault: PlatformFault, times: number): void {
    for (let i = 0; i < times; i++) this.#faults.push(fault);
  }

  /** The next call of a method is answered so. */
  script(method: string, answer: Outcome | Promise<Outcome>): void {
    this.#scripted.push({ method, answer });
  }

  revoke(): void {
    this.isRevoked = true;
    this.updates.end(refusal(401, "Unauthorized"));
  }

  /** Adds a message to a chat and gives it its id. */
  post(chat: Fields, content: Fields): Fields {
    const chatId = String(chat["id"]);
    const messageId = (this.#lastMessageId.get(chatId) ?? 10) + 1;
    this.#lastMessageId.set(chatId, messageId);
    const message = { message_id: messageId, chat, date: Math.floor(Date.now() / 1000), ...content };
    this.messages.set(`${chatId}:${messageId}`, message);
    return message;
  }

  async call(method: string, body: CallBody): Promise<Outcome> {
    this.calls.push({ method, ...body });
    const isSend = SENDS.test(method);
    if (isSend) this.sendCalls += 1;
    if (this.isRevoked) return refusal(401, "Unauthorized");
    const scripted = this.#scripted.findIndex((one) => one.method === method);
    if (scripted >= 0) return this.#scripted.splice(scripted, 1)[0]?.answer ?? "lost";
    const fault = isSend ? this.#faults.shift() : undefined;
    if (fault?.is === "rate-limit") {
      return refusal(429, `Too Many Requests: retry after ${fault.seconds}`, { retry_after: fault.seconds });
    }
    if (fault?.is === "server-error") return refusal(500, "Internal Server Error");
    if (fault?.is === "rejected") return refusal(403, "Forbidden: bot was blocked by the user");
    const answer = isSend ? this.#send(method, body) : await this.#other(method, body.fields);
    return fault ? "lost" : answer;
  }

  #send(method: string, { fields, files }: CallBody): Answer {
    const isMessage = method === "sendMessage";
    const text = String((isMessage ? fields["text"] : fields["caption"]) ?? "");
    const fault = textFault(fields, text, isMessage ? 4096 : 1024, isMessage);
    if (fault !== undefined) return refusal(400, `Bad Request: ${fault}`);
    const [file] = Object.values(files);
    if (!isMessage && file === undefined) return refusal(400, "Bad Request: there is no file in the request");
    const chat = this.#chatOf(fields["chat_id"]);
    const message = this.post(chat, { from: BOT, text, ...(file && { document: { file_id: "own" } }) });
    this.sent.push(toSent(String(message["message_id"]), String(chat["id"]), text, fields, file));
    return ok(message);
  }

  #chatOf(id: unknown): Fields {
    for (const { chat } of this.messages.values())
      if (String((chat as Fields)["id"]) === String(id)) return chat as Fields;
    return { id: Number(id), type: Number(id) < 0 ? "supergroup" : "private" };
  }

  async #other(method: string, fields: Fields): Promise<Answer> {
    switch (method) {
      case "getMe":
        return ok(BOT);
      case "getUpdates":
        if (this.webhook === undefined) return this.updates.poll(fields);
        return refusal(
          409,
          "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
        );
      case "setWebhook":
        this.webhook = { url: String(fields["url"]), secret: String(fields["secret_token"]) };
        this.updates.allow(fields["allowed_updates"]);
        return ok(true);
      case "deleteWebhook":
        this.webhook = undefined;
        return ok(true);
      case "getWebhookInfo":
        return ok({
          url: this.webhook?.url ?? "",
          has_custom_certificate: false,
          pending_update_count: 0,
          ...(this.webhookError && {
            last_error_date: Math.floor(Date.now() / 1000),
            last_error_message: this.webhookError,
          }),
        });
      case "editMessageText":
        return this.#edit(fields);
      case "getFile":
        return this.#getFile(String(fields["file_id"]));
      case "sendChatAction":
        this.typings += 1;
        return ok(true);
      case "setMyCommands":
      case "answerCallbackQuery":
      case "setMessageReaction":
        return ok(true);
      default:
        return refusal(404, "Not Found: method not found");
    }
  }

  #edit(fields: Fields): Answer {
    const id = String(fields["message_id"]);
    const at = this.sent.findIndex((one) => one.platformId === id && one.chatId === String(fields["chat_id"]));
    const held = this.sent[at];
    if (held === undefined) return refusal(400, "Bad Request: message to edit not found");
    const text = String(fields["text"] ?? "");
    const fault = textFault(fields, text, 4096, true);
    if (fault !== undefined) return refusal(400, `Bad Request: ${fault}`);
    const buttons = buttonsOf(fields);
    if (held.text === text && (held.buttons ?? []).length === (buttons ?? []).length) {
      return refusal(
        400,
        "Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message",
      );
    }
    const { buttons: _gone, ...rest } = held;
    this.sent[at] = { ...rest, text, edits: held.edits + 1, ...(buttons && { buttons }) };
    return ok(this.messages.get(`${held.chatId}:${id}`));
  }

  #getFile(fileId: string): Answer {
    const file = this.files.get(fileId);
    if (file === undefined) return refusal(400, "Bad Request: wrong file_id or the file is temporarily unavailable");
    if ((file.size ?? file.bytes.length) > 20 * 1024 * 1024) return refusal(400, "Bad Request: file is too big");
    return ok({ file_id: fileId, file_unique_id: `u${fileId}`, file_size: file.bytes.length, file_path: file.path });
  }
}

/** Why Telegram would refuse a text. */
function textFault(fields: Fields, text: string, max: number, isNeeded: boolean): string | undefined {
  if (text !== "" && fields["parse_mode"] !== "HTML") return "the test wants HTML";
  if (!text.isWellFormed()) return "strings must be encoded in UTF-8";
  try {
    const visible = readHtml(text);
    if (isNeeded && visible === "") return "message text is empty";
    if (visible.length > max) return isNeeded ? "message is too long" : "message caption is too long";
  } catch (error) {
    return error instanceof Error ? error.message : "can't parse entities";
  }
  return undefined;
}

function toSent(
  platformId: string,
  chatId: string,
  text: string,
  fields: Fields,
  file: UploadedFile | undefined,
): PlatformMessage {
  const reply = fields["reply_parameters"] as { message_id?: number } | undefined;
  const buttons = buttonsOf(fields);
  return {
    platformId,
    chatId,
    text,
    edits: 0,
    ...(reply?.message_id !== undefined && { replyTo: String(reply.message_id) }),
    ...(file && { media: file }),
    ...(buttons && { buttons }),
  };
}

function buttonsOf(fields: Fields): { label: string; data: string }[] | undefined {
  const markup = fields["reply_markup"] as
    | { inline_keyboard?: { text: string; callback_data: string }[][] }
    | undefined;
  return markup?.inline_keyboard?.flat().map((key) => {
    if (Buffer.byteLength(key.callback_data) > 64) throw new Error("BUTTON_DATA_INVALID");
    return { label: key.text, data: key.callback_data };
  });
}
