/**
 * Discord on loopback: REST interface, gateway and files on one port, in the wire format of API v10 as Discord's
 * developer documentation has it. Driven through the real client library. Must never do more than Discord does.
 */
import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { FakePlatform, Person, PlatformMessage, Written } from "./channel-platform.ts";
import { createFakeGateway, type FakeGateway } from "./discord-gateway.ts";
import { createRestSide, type RestSight } from "./discord-rest.ts";
import { createDiscordWorld, type DiscordWorld, type Json, type StoredMessage } from "./discord-world.ts";

export interface FakeDiscord extends FakePlatform {
  gateway: FakeGateway;
  rest: RestSight;
  world: DiscordWorld;
  /** Connections that hang, by `gateway.stall`. */
  readonly stalled: number;
  /** A slash command of a person, with the text of its option. */
  command(name: string, by: Person, text?: string): Promise<void>;
  /** A message in any channel, with fields over those that a plain one has. */
  writeIn(channelId: string, from: Person, content: string, fields?: Json): StoredMessage;
}

export async function startFakeDiscord(): Promise<FakeDiscord> {
  const world = createDiscordWorld();
  let token: string | undefined = "fake.discord.token";
  const isToken = (given: unknown) => token !== undefined && given === token;
  let port = 0;
  const base = () => `http://127.0.0.1:${port}`;
  const gatewayUrl = () => `ws://127.0.0.1:${port}`;
  const gateway = createFakeGateway({ isToken, url: gatewayUrl, ready: () => greeting(world) });
  const rest = createRestSide({ world, base, gatewayUrl, isToken, emit: (t, d) => gateway.emit(t, d) });
  const server = createServer((request, response) => {
    void rest.handle(request, response).catch(() => response.destroy());
  });
  const stalled: Socket[] = [];
  server.on("upgrade", (request, socket, head) => {
    if (gateway.stall) return void stalled.push(socket as Socket);
    gateway.server.handleUpgrade(request, socket as Socket, head, (client) =>
      gateway.server.emit("connection", client, request),
    );
    return undefined;
  });
  const listen = () => new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const shut = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      gateway.cut();
      for (const socket of stalled.splice(0)) socket.destroy();
      server.closeAllConnections();
    });
  await listen();
  port = (server.address() as AddressInfo).port;
  const settings = { token, apiBase: `${base()}/api` };
  const actions = createActions(world, gateway, base);

  return {
    settings,
    ...actions,
    gateway,
    rest: rest.seen,
    world,
    get stalled() {
      return stalled.length;
    },
    ann: world.ann,
    bob: world.bob,
    group: world.group,
    directChat: ({ id }) => world.directs.get(id) ?? "",
    sent: () => [...world.messages.values()].flat().flatMap((one) => toPlatformMessage(world, one)),
    get sendCalls() {
      return rest.seen.sendCalls;
    },
    get downloads() {
      return rest.seen.downloads;
    },
    get typings() {
      return rest.seen.typings;
    },
    get attempts() {
      return gateway.seen.connections + rest.seen.gatewayCalls;
    },
    fail: (fault, times = 1) => void rest.faults.push(...Array.from({ length: times }, () => fault)),
    down: shut,
    up: listen,
    async revoke() {
      token = undefined;
      gateway.close(4004);
    },
    close: shut,
  };
}

/** READY, then the guild with its channel and thread. */
function greeting(world: DiscordWorld): Json[] {
  const { applicationId, botUser, guild, group, thread } = world;
  return [
    { user: botUser, guilds: [{ id: guild, unavailable: true }], application: { id: applicationId, flags: 0 } },
    {
      id: guild,
      name: "home",
      channels: [{ id: group, type: 0, name: "general" }],
      threads: [{ id: thread, type: 11, name: "plans", parent_id: group }],
      members: [],
    },
  ];
}

function toPlatformMessage(world: DiscordWorld, one: StoredMessage): PlatformMessage[] {
  if (one.author.id !== world.botUser.id) return [];
  const [file] = one.attachments;
  const held = file === undefined ? undefined : world.files.get(file.id);
  const buttons = one.components.flatMap(({ components }) => components);
  return [
    {
      platformId: one.id,
      chatId: one.channel_id,
      text: one.content,
      ...(one.message_reference === undefined ? {} : { replyTo: one.message_reference.message_id }),
      ...(held === undefined ? {} : { media: held }),
      ...(buttons.length === 0 ? {} : { buttons: buttons.map(({ label, custom_id }) => ({ label, data: custom_id })) }),
      edits: world.edits.get(one.id) ?? 0,
    },
  ];
}

type Actions = Pick<
  FakeDiscord,
  "write" | "writeIn" | "repeatLast" | "writeNonsense" | "press" | "command" | "edit" | "react"
>;

function createActions(world: DiscordWorld, gateway: FakeGateway, base: () => string): Actions {
  let last: Json = {};
  const place = (channelId: string) => (world.isDirect(channelId) ? {} : { guild_id: world.guild });
  const who = (channelId: string, person: Person): Json =>
    world.isDirect(channelId)
      ? { user: world.userOf(person) }
      : { guild_id: world.guild, member: { user: world.userOf(person), nick: null, roles: [] } };
  const interact = (channelId: string, by: Person, fields: Json) =>
    gateway.emit("INTERACTION_CREATE", {
      id: world.nextId(),
      application_id: world.applicationId,
      token: `interaction-${world.nextId()}`,
      version: 1,
      channel_id: channelId,
      channel: { id: channelId, type: world.isDirect(channelId) ? 1 : 0 },
      ...who(channelId, by),
      ...fields,
    });
  const writeIn: FakeDiscord["writeIn"] = (channelId, from, content, fields = {}) => {
    const message = world.add({ ...world.blank(channelId, world.userOf(from), content), ...fields });
    last = { ...message, ...place(channelId) };
    gateway.emit("MESSAGE_CREATE", last);
    return message;
  };
  return {
    writeIn,
    async write(written) {
      const { from = world.ann, where = "direct", text = "" } = written;
      const channelId = where === "group" ? world.group : (world.directs.get(from.id) ?? "");
      const mark = written.mentionsBot === true ? `<@${world.botUser.id}> ` : "";
      return writeIn(channelId, from, mark + text, extras(world, written, base)).id;
    },
    async repeatLast() {
      gateway.emit("MESSAGE_CREATE", last);
    },
    async writeNonsense() {
      for (const d of NONSENSE) {
        for (const t of [
          "MESSAGE_CREATE",
          "MESSAGE_UPDATE",
          "INTERACTION_CREATE",
          "MESSAGE_REACTION_ADD",
          "GUILD_CREATE",
        ])
          gateway.emit(t, d);
      }
      gateway.raw("this is no JSON");
      gateway.raw(JSON.stringify({ op: 99, d: "?" }));
      gateway.raw("null");
    },
    async press(message, data, by) {
      interact(message.chatId, by, {
        type: 3,
        message: world.find(message.platformId),
        data: { component_type: 2, custom_id: data },
      });
    },
    async command(name, by, text) {
      const options = text === undefined ? {} : { options: [{ type: 3, name: "text", value: text }] };
      interact(world.directs.get(by.id) ?? "", by, {
        type: 2,
        data: { id: world.nextId(), name, type: 1, ...options },
      });
    },
    async edit(platformId, text) {
      const message = world.find(platformId);
      if (message === undefined) return;
      Object.assign(message, { content: text, edited_timestamp: new Date().toISOString() });
      gateway.emit("MESSAGE_UPDATE", { ...message, ...place(message.channel_id) });
    },
    async react(platformId, emoji, by) {
      const message = world.find(platformId);
      if (message === undefined) return;
      const { channel_id } = message;
      gateway.emit("MESSAGE_REACTION_ADD", {
        user_id: by.id,
        channel_id,
        message_id: platformId,
        ...who(channel_id, by),
        emoji: { id: null, name: emoji },
      });
    },
  };
}

function extras(world: DiscordWorld, { mentionsBot, replyTo, media }: Written, base: () => string): Json {
  const answered = replyTo === undefined ? undefined : world.find(replyTo);
  return {
    ...(mentionsBot === true ? { mentions: [world.botUser] } : {}),
    ...(replyTo === undefined
      ? {}
      : {
          type: 19,
          message_reference: { type: 0, message_id: replyTo, channel_id: answered?.channel_id },
          referenced_message: answered ?? null,
        }),
    ...(media === undefined
      ? {}
      : {
          attachments: [
            world.addFile(
              {
                bytes: media.bytes,
                mimeType: { image: "image/png", voice: "audio/ogg", document: "application/pdf" }[media.kind],
                fileName: media.fileName ?? "file",
              },
              base(),
            ),
          ],
          flags: media.kind === "voice" ? 1 << 13 : 0,
        }),
  };
}

const NONSENSE: readonly unknown[] = [
  null,
  7,
  "x",
  [],
  {},
  { channel_id: {}, author: "x" },
  { id: "1", channel_id: "2", author: null, content: { a: 1 }, mentions: "all", attachments: [null, 4, { url: 3 }] },
  { id: "../x", channel_id: "2", author: { id: "3" }, content: "no id" },
  { id: "5", channel_id: "2", type: 3, token: 1, data: null },
];
