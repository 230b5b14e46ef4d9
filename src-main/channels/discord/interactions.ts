/**
 * Slash commands and presses of buttons: what they are, and how Discord is told in time that they arrived. It wants an
 * answer within three seconds, so each is acknowledged at once and the words come after. Facts: Discord's developer
 * documentation, "Receiving and Responding" and "Application Commands". Must never decide who may command.
 */
import { messageOf } from "#main/base/errors.ts";
import type { ButtonPress, ChannelContext, InboundMessage } from "../contract.ts";
import type { Gateway } from "./gateway.ts";
import type { Handover } from "./handover.ts";
import { fieldsOf, idOf, listOf, timeOfId, toChat, toSender, type Perspective } from "./inbound.ts";
import { MAX_TEXT, render } from "./outbound.ts";

/** The paths hold a token: a credential for fifteen minutes. */
type Interaction = { callback: `/${string}`; webhook: `/${string}` } & (
  | { kind: "command"; message: InboundMessage }
  | { kind: "press"; press: ButtonPress }
);

const SLASH_COMMAND = 2;
const COMPONENT = 3;
const EPHEMERAL = 64;
/** Shows "thinking" to the one who gave the command alone. */
const DEFER_MESSAGE = { type: 5, data: { flags: EPHEMERAL } };
/** Shows nothing. */
const DEFER_UPDATE = { type: 6 };

/** Name, description, and what words after it are, if any. */
const COMMANDS = [
  ["help", "What can be written here"],
  ["status", "How the assistant stands"],
  ["new", "Begin a new conversation", "First words"],
  ["reset", "Forget this conversation"],
  ["stop", "Stop what is being done"],
  ["model", "Show or change the model", "Its name"],
  ["usage", "What was used"],
  ["whoami", "Show your id"],
  ["approve", "Allow what was asked", "The code"],
  ["deny", "Refuse what was asked", "The code"],
].map(([name, description, words]) => ({
  name,
  description,
  options: words === undefined ? [] : [{ type: 3, name: "text", description: words, required: false }],
  type: 1,
  // In servers and in the bot's direct chats; not in chats between other people, where it could not answer.
  contexts: [0, 1],
  integration_types: [0],
}));

/** @param payload of INTERACTION_CREATE @returns undefined for other kinds and for what is broken */
export function toInteraction(payload: unknown, perspective: Perspective): Interaction | undefined {
  const fields = fieldsOf(payload);
  const { name, options, custom_id: pressed } = fieldsOf(fields["data"]);
  const { type, token } = fields;
  const [id, application] = [idOf(fields["id"]), idOf(fields["application_id"])];
  const chat = toChat({ ...fields, channel_type: fieldsOf(fields["channel"])["type"] }, perspective);
  const member = fieldsOf(fields["member"]);
  const sender = toSender(fieldsOf(fields["user"] ?? member["user"]), member);
  if (!id || !application || !chat || !sender || typeof token !== "string") return undefined;
  const secret = encodeURIComponent(token);
  const paths = {
    callback: `/interactions/${id}/${secret}/callback`,
    webhook: `/webhooks/${application}/${secret}`,
  } as const;
  const platformId = idOf(fieldsOf(fields["message"])["id"]);
  if (type === COMPONENT && platformId !== undefined && typeof pressed === "string") {
    return { ...paths, kind: "press", press: { chat, sender, data: pressed, platformId } };
  }
  if (type !== SLASH_COMMAND || typeof name !== "string") return undefined;
  const words = listOf(options).find((one) => one["name"] === "text")?.["value"];
  const text = `/${name} ${typeof words === "string" ? words : ""}`.trim();
  // A command can only be given to the application that registered it.
  const more = { at: timeOfId(id), text, mentionsMe: true, media: [] };
  return {
    ...paths,
    kind: "command",
    message: { type: "message", messageId: id, platformId: id, chat, sender, ...more },
  };
}

/** Acknowledges an interaction and hands it over, whatever that takes; then says what there is to say. */
export async function answer(
  context: ChannelContext,
  gateway: Gateway,
  handover: Handover,
  interaction: Interaction,
): Promise<void> {
  const { callback, webhook } = interaction;
  const warn = (error: unknown) =>
    context.log.warn("an interaction could not be answered", { error: messageOf(error) });
  const body = interaction.kind === "press" ? DEFER_UPDATE : DEFER_MESSAGE;
  const acknowledged = gateway.call((rest) => rest.post(callback, { body, auth: false })).catch(warn);
  try {
    if (interaction.kind === "command") {
      await handover.take(interaction.message);
      await acknowledged;
      // Takes the "thinking" away: the answer comes as a message.
      await gateway.call((rest) => rest.delete(`${webhook}/messages/@original`, { auth: false }));
      return;
    }
    const { text = "" } = await context.press(interaction.press);
    await acknowledged;
    if (text === "") return;
    const content = render(text).slice(0, MAX_TEXT);
    const words = { content, flags: EPHEMERAL, allowed_mentions: { parse: [] } };
    await gateway.call((rest) => rest.post(webhook, { body: words, auth: false }));
  } catch (error) {
    warn(error);
  }
}

/** Tells Discord of our commands, once for each bot and list: it counts how often they are created. */
export async function register(context: ChannelContext, gateway: Gateway, application = ""): Promise<void> {
  const wanted = `${application}:${JSON.stringify(COMMANDS)}`;
  if (application === "" || context.memory.get("commands") === wanted) return;
  try {
    await gateway.call((rest) => rest.put(`/applications/${application}/commands`, { body: COMMANDS }));
    await context.memory.set("commands", wanted);
  } catch (error) {
    context.log.warn("the slash commands could not be registered", { error: messageOf(error) });
  }
}
