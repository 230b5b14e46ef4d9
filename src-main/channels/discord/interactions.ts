/**
 * Slash commands and presses of buttons: what they are, and how Discord is told in time that they arrived. It wants an
 * answer within three seconds, so each is acknowledged at once and the words come after. Facts: Discord's developer
 * documentation, "Receiving and Responding" and "Application Commands". Must never decide who may command.
 */
import type { REST } from "discord.js";
import type { ButtonPress, ChatRef, InboundMessage, Sender } from "../contract.ts";
import { MAX_TEXT, render } from "./outbound.ts";
import { fieldsOf, idOf, listOf, timeOfId, toChat, toSender, type Fields, type Perspective } from "./inbound.ts";

/** What is needed to answer an interaction. The token is a credential for fifteen minutes. */
export interface Answerable {
  id: string;
  token: string;
  applicationId: string;
}

export type Interaction =
  | { kind: "command"; message: InboundMessage; answerable: Answerable }
  | { kind: "press"; press: ButtonPress; answerable: Answerable };

const SLASH_COMMAND = 2;
const COMPONENT = 3;
const EPHEMERAL = 64;
const DEFER_MESSAGE = 5;
const DEFER_UPDATE = 6;

const TEXT_OPTION = { type: 3, name: "text", required: false } as const;

/** In servers and in the bot's direct chats; not in chats between other people, where it could not answer. */
export const COMMANDS = [
  { name: "help", description: "What can be written here" },
  { name: "status", description: "How the assistant stands" },
  { name: "new", description: "Begin a new conversation", options: [{ ...TEXT_OPTION, description: "First words" }] },
  { name: "reset", description: "Forget this conversation" },
  { name: "stop", description: "Stop what is being done" },
  { name: "model", description: "Show or change the model", options: [{ ...TEXT_OPTION, description: "Its name" }] },
  { name: "usage", description: "What was used" },
  { name: "whoami", description: "Show your id" },
  { name: "approve", description: "Allow what was asked", options: [{ ...TEXT_OPTION, description: "The code" }] },
  { name: "deny", description: "Refuse what was asked", options: [{ ...TEXT_OPTION, description: "The code" }] },
].map((command) => ({ ...command, type: 1, contexts: [0, 1], integration_types: [0] }));

/** @param payload of INTERACTION_CREATE @returns undefined for other kinds and for what is broken */
export function toInteraction(payload: unknown, perspective: Perspective): Interaction | undefined {
  const fields = fieldsOf(payload);
  const data = fieldsOf(fields["data"]);
  const id = idOf(fields["id"]);
  const applicationId = idOf(fields["application_id"]);
  const chat = toChat({ ...fields, channel_type: fieldsOf(fields["channel"])["type"] }, perspective);
  const member = fieldsOf(fields["member"]);
  const sender = toSender(fieldsOf(fields["user"] ?? member["user"]), member);
  const token = fields["token"];
  if (!id || !applicationId || !chat || !sender || typeof token !== "string") return undefined;
  const answerable = { id, token, applicationId };
  if (fields["type"] === COMPONENT) {
    const platformId = idOf(fieldsOf(fields["message"])["id"]);
    if (platformId === undefined || typeof data["custom_id"] !== "string") return undefined;
    return { kind: "press", press: { chat, sender, data: data["custom_id"], platformId }, answerable };
  }
  if (fields["type"] !== SLASH_COMMAND || typeof data["name"] !== "string") return undefined;
  return { kind: "command", message: toCommand(id, data["name"], data, chat, sender), answerable };
}

function toCommand(id: string, name: string, data: Fields, chat: ChatRef, sender: Sender): InboundMessage {
  const option = listOf(data["options"]).find((one) => one["name"] === TEXT_OPTION.name)?.["value"];
  return {
    type: "message",
    messageId: id,
    platformId: id,
    chat,
    sender,
    at: timeOfId(id),
    text: `/${name} ${typeof option === "string" ? option : ""}`.trim(),
    // A command can only be given to the application that registered it.
    mentionsMe: true,
    media: [],
  };
}

/** Tells Discord that an interaction arrived: a command shows "thinking" to its giver alone, a press shows nothing. */
export async function acknowledge(rest: REST, { kind, answerable }: Interaction): Promise<void> {
  const body = kind === "press" ? { type: DEFER_UPDATE } : { type: DEFER_MESSAGE, data: { flags: EPHEMERAL } };
  await rest.post(`/interactions/${answerable.id}/${encodeURIComponent(answerable.token)}/callback`, {
    body,
    auth: false,
  });
}

/** Takes the "thinking" of a command away: its answer comes as a message. */
export async function clear(rest: REST, answerable: Answerable): Promise<void> {
  await rest.delete(`${addressOf(answerable)}/messages/@original`, { auth: false });
}

/** Words that only the one who pressed can read. */
export async function tell(rest: REST, answerable: Answerable, text: string): Promise<void> {
  const body = { content: render(text).slice(0, MAX_TEXT), flags: EPHEMERAL, allowed_mentions: { parse: [] } };
  await rest.post(addressOf(answerable), { body, auth: false });
}

function addressOf({ applicationId, token }: Answerable): `/${string}` {
  return `/webhooks/${applicationId}/${encodeURIComponent(token)}`;
}
