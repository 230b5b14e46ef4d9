/**
 * A live account: what comes from the gateway is handed over, and what goes out is one call each, never repeated here.
 * Must never load a file from anywhere but Discord.
 */
import type { REST } from "discord.js";
import { messageOf } from "#main/base/errors.ts";
import { ChannelError, type ChannelConnection, type ChannelContext, type ChatRef, type MediaRef } from "../contract.ts";
import { toChannelError } from "./failures.ts";
import { Gateway, type GatewaySettings, type Library } from "./gateway.ts";
import { Handover, PAGE } from "./handover.ts";
import { channelNames, fieldsOf, idOf, listOf, toInbound, type Packet, type Perspective } from "./inbound.ts";
import { acknowledge, clear, COMMANDS, tell, toInteraction, type Interaction } from "./interactions.ts";
import { toBody, toContent } from "./outbound.ts";

/** Where Discord keeps files that were sent along ("Reference", CDN). */
const FILE_HOSTS: ReadonlySet<string> = new Set(["cdn.discordapp.com", "media.discordapp.net"]);
/** Names of channels that are kept for display. */
const MAX_NAMES = 5000;

type Call = <T>(call: (rest: REST) => Promise<T>) => Promise<T>;

export function openConnection(context: ChannelContext<GatewaySettings>, library: Library): ChannelConnection {
  const names = new Map<string, string>();
  let me = "";
  const perspective = (): Perspective => ({ me, nameOf: (id) => names.get(id) });

  const onPacket = (packet: Packet) => {
    if (packet.t === "READY") {
      me = idOf(fieldsOf(fieldsOf(packet.d)["user"])["id"]) ?? "";
      handover.catchUp();
      void register(context, call, packet.d);
    } else if (packet.t === "INTERACTION_CREATE") {
      const interaction = toInteraction(packet.d, perspective());
      if (interaction !== undefined) void answer(context, call, handover, interaction);
    } else if (packet.t.startsWith("MESSAGE_")) {
      handover.add(packet);
    } else {
      for (const [id, name] of channelNames(packet)) {
        if (names.size < MAX_NAMES || names.has(id)) names.set(id, name);
      }
    }
  };
  const gateway = new Gateway(library, { context, onPacket });
  const call: Call = async (run) => {
    try {
      return await run(gateway.rest);
    } catch (error) {
      const failure = toChannelError(error);
      if (failure.failure === "auth") gateway.refuse();
      throw failure;
    }
  };
  const handover = new Handover({
    context,
    toInbound: (packet) => toInbound(packet, perspective()),
    load: (channelId, after, signal) => loadAfter(call, channelId, after, signal),
  });
  gateway.start();
  return {
    ...calls(context, call),
    async dispose() {
      await gateway.dispose();
      await handover.dispose();
    },
  };
}

function calls(context: ChannelContext<GatewaySettings>, call: Call): Omit<ChannelConnection, "dispose"> {
  return {
    async send(message, signal) {
      const path = pathOf(message.chat);
      const { media } = message;
      const files =
        media === undefined
          ? []
          : [{ name: media.fileName, data: Buffer.from(media.bytes), contentType: media.mimeType }];
      const sent = await call((rest) => rest.post(path, { body: toBody(message), files, signal }));
      const id = idOf(fieldsOf(sent)["id"]);
      return { platformIds: id === undefined ? [] : [id] };
    },
    async edit(chat, platformId, message) {
      const body = { ...toContent(message) };
      await call((rest) => rest.patch(pathOf(chat, platformId), { body }));
    },
    async typing(chat) {
      await call((rest) => rest.post(`/channels/${digits(chat.id)}/typing`));
    },
    async react(chat, platformId, emoji) {
      const path = pathOf(chat, platformId);
      if (emoji !== undefined) {
        return void (await call((rest) => rest.put(`${path}/reactions/${encodeURIComponent(emoji)}/@me`)));
      }
      const message = fieldsOf(await call((rest) => rest.get(path)));
      for (const { me, emoji: ours } of listOf(message["reactions"])) {
        const name = fieldsOf(ours)["name"];
        if (me !== true || typeof name !== "string") continue;
        await call((rest) => rest.delete(`${path}/reactions/${encodeURIComponent(name)}/@me`));
      }
      return undefined;
    },
    download: (media, signal) => download(context, media, signal),
  };
}

async function* download(
  context: ChannelContext<GatewaySettings>,
  media: MediaRef,
  signal: AbortSignal,
): AsyncIterable<Uint8Array> {
  const url = URL.parse(media.ref);
  const isDiscords = url?.protocol === "https:" && FILE_HOSTS.has(url.hostname);
  if (url === null || !(isDiscords || url.origin === URL.parse(context.settings.apiBase)?.origin)) {
    throw new ChannelError("rejected", "The file does not lie on Discord's servers and was not loaded.");
  }
  try {
    const response = await context.fetch(url, { signal, redirect: "error" });
    if (response.status >= 500) throw new ChannelError("retry", "Discord cannot hand out the file just now.");
    if (!response.ok || response.body === null) {
      throw new ChannelError("rejected", `Discord does not hand out the file any more (${response.status}).`);
    }
    yield* response.body;
  } catch (error) {
    if (error instanceof ChannelError) throw error;
    throw new ChannelError("retry", "The file could not be loaded from Discord.", { cause: error });
  }
}

async function loadAfter(call: Call, channelId: string, after: string, signal: AbortSignal) {
  const query = new URLSearchParams({ after, limit: String(PAGE) });
  const page = await call((rest) => rest.get(`/channels/${digits(channelId)}/messages`, { query, signal }));
  // Discord lists the newest first.
  return listOf(page).toReversed();
}

/** Tells Discord of our commands, once for each bot and list: it counts how often they are created. */
async function register(context: ChannelContext, call: Call, ready: unknown): Promise<void> {
  const applicationId = idOf(fieldsOf(fieldsOf(ready)["application"])["id"]);
  const wanted = `${applicationId}:${JSON.stringify(COMMANDS)}`;
  if (applicationId === undefined || context.memory.get("commands") === wanted) return;
  try {
    await call((rest) => rest.put(`/applications/${applicationId}/commands`, { body: COMMANDS }));
    await context.memory.set("commands", wanted);
  } catch (error) {
    context.log.warn("the slash commands could not be registered", { error: messageOf(error) });
  }
}

/** Discord shows that an interaction failed unless it hears of it within three seconds, whatever it takes here. */
async function answer(context: ChannelContext, call: Call, handover: Handover, interaction: Interaction) {
  const { answerable } = interaction;
  const acknowledged = call((rest) => acknowledge(rest, interaction)).catch((error: unknown) => {
    context.log.warn("an interaction could not be acknowledged", { error: messageOf(error) });
  });
  try {
    if (interaction.kind === "command") {
      await handover.addEvent(interaction.message);
      await acknowledged;
      await call((rest) => clear(rest, answerable));
    } else {
      const { text } = await context.press(interaction.press);
      await acknowledged;
      if (text !== undefined && text !== "") await call((rest) => tell(rest, answerable, text));
    }
  } catch (error) {
    context.log.warn("an interaction could not be answered", { error: messageOf(error) });
  }
}

function pathOf(chat: ChatRef, messageId?: string): `/${string}` {
  const messages = `/channels/${digits(chat.id)}/messages` as const;
  return messageId === undefined ? messages : `${messages}/${digits(messageId)}`;
}

/** Ids become part of an address: nothing but digits goes in. Throws ChannelError. */
function digits(id: string): string {
  if (idOf(id) === undefined)
    throw new ChannelError("rejected", "This is no id of Discord: ids there are digits only.");
  return id;
}
