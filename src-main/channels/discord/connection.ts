/**
 * A live account: what comes from the gateway is handed over, and what goes out is one call each, never repeated here.
 * Must never load a file from anywhere but Discord.
 */
import { ChannelError, type ChannelConnection, type ChatRef, type MediaRef } from "../contract.ts";
import { Gateway, type Context, type Library } from "./gateway.ts";
import { Handover, PAGE } from "./handover.ts";
import { channelNames, fieldsOf, idOf, listOf, toInbound, type Packet, type Perspective } from "./inbound.ts";
import { answer, register, toInteraction } from "./interactions.ts";
import { toBody, toContent } from "./outbound.ts";

/** Where Discord keeps files that were sent along ("Reference", CDN). */
const FILE_ORIGINS = ["https://cdn.discordapp.com", "https://media.discordapp.net"];

export function openConnection(context: Context, library: Library): ChannelConnection {
  const names = new Map<string, string>();
  const perspective: Perspective = { me: "", nameOf: (id) => names.get(id) };

  const onPacket = (packet: Packet) => {
    if (packet.t === "READY") {
      const { user, application } = fieldsOf(packet.d);
      perspective.me = idOf(fieldsOf(user)["id"]) ?? "";
      handover.catchUp();
      void register(context, gateway, idOf(fieldsOf(application)["id"]));
    } else if (packet.t === "INTERACTION_CREATE") {
      const interaction = toInteraction(packet.d, perspective);
      if (interaction !== undefined) void answer(context, gateway, handover, interaction);
    } else if (packet.t.startsWith("MESSAGE_")) {
      handover.add(packet);
    } else {
      for (const [id, name] of channelNames(packet)) names.set(id, name);
    }
  };
  const gateway = new Gateway(library, context, onPacket);
  const handover = new Handover({
    context,
    toInbound: (packet) => toInbound(packet, perspective),
    async load(channelId, after, signal) {
      const query = new URLSearchParams({ after, limit: String(PAGE) });
      const page = await gateway.call((rest) => rest.get(pathOf({ id: channelId }), { query, signal }));
      // Discord lists the newest first.
      return listOf(page).toReversed();
    },
  });
  gateway.start();
  return {
    ...calls(gateway),
    download: (media, signal) => download(context, media, signal),
    async dispose() {
      await gateway.dispose();
      await handover.dispose();
    },
  };
}

function calls(gateway: Gateway): Pick<ChannelConnection, "send" | "edit" | "typing" | "react"> {
  return {
    async send(message, signal) {
      const { chat, media } = message;
      const body = toBody(message);
      const file = media && { name: media.fileName, data: Buffer.from(media.bytes), contentType: media.mimeType };
      const files = file === undefined ? [] : [file];
      const sent = await gateway.call((rest) => rest.post(pathOf(chat), { body, files, signal }));
      const id = idOf(fieldsOf(sent)["id"]);
      return { platformIds: id === undefined ? [] : [id] };
    },
    async edit(chat, platformId, message) {
      await gateway.call((rest) => rest.patch(pathOf(chat, platformId), { body: toContent(message) }));
    },
    async typing({ id }) {
      await gateway.call((rest) => rest.post(`/channels/${digits(id)}/typing`));
    },
    async react(chat, platformId, emoji) {
      const path = (sign: string) => `${pathOf(chat, platformId)}/reactions/${encodeURIComponent(sign)}/@me` as const;
      if (emoji !== undefined) return void (await gateway.call((rest) => rest.put(path(emoji))));
      const message = await gateway.call((rest) => rest.get(pathOf(chat, platformId)));
      for (const { me, emoji: given } of listOf(fieldsOf(message)["reactions"])) {
        const { name } = fieldsOf(given);
        if (me === true && typeof name === "string") await gateway.call((rest) => rest.delete(path(name)));
      }
      return undefined;
    },
  };
}

async function* download(
  { settings, fetch }: Context,
  media: MediaRef,
  signal: AbortSignal,
): AsyncIterable<Uint8Array> {
  const origins = [...FILE_ORIGINS, new URL(settings.apiBase).origin];
  if (!origins.includes(URL.parse(media.ref)?.origin ?? "")) {
    throw new ChannelError("rejected", "The file does not lie on Discord's servers and was not loaded.");
  }
  try {
    const { status, body } = await fetch(media.ref, { signal, redirect: "error" });
    if (status >= 500) throw new ChannelError("retry", "Discord cannot hand out the file just now.");
    if (status !== 200 || body === null) {
      throw new ChannelError("rejected", `Discord does not hand out the file any more (${status}).`);
    }
    yield* body;
  } catch (error) {
    if (error instanceof ChannelError) throw error;
    throw new ChannelError("retry", "The file could not be loaded from Discord.", { cause: error });
  }
}

function pathOf({ id }: Pick<ChatRef, "id">, messageId?: string): `/${string}` {
  const messages = `/channels/${digits(id)}/messages` as const;
  return messageId === undefined ? messages : `${messages}/${digits(messageId)}`;
}

/** Ids become part of an address: nothing but digits goes in. Throws ChannelError. */
function digits(id: string): string {
  if (idOf(id) !== undefined) return id;
  throw new ChannelError("rejected", "This is no id of Discord: ids there are digits only.");
}
