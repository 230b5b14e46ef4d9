/**
 * A fake of WhatsApp on loopback: linking, login, Signal-encrypted messages in both directions, groups, receipts, the
 * queue of what was not acknowledged, files. It speaks the platform's wire format; the channel reaches it through the
 * real client library. Must never accept what the platform would not.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { getBinaryNodeChild, getBinaryNodeChildren, type BinaryNode, type proto } from "@whiskeysockets/baileys";
import { WebSocketServer } from "ws";
import type { FakePlatform, PlatformFault, Written } from "./channel-platform.ts";
import { createMediaStore, type MediaStore } from "./whatsapp-media.ts";
import { createServerKeys, serveNoise, type Certificate, type ServerEnd } from "./whatsapp-noise.ts";
import { createPerson, type KeyBundle, type WhatsAppPerson } from "./whatsapp-person.ts";
import { createPhone, ME } from "./whatsapp-phone.ts";
import { answerQuery, type QueryWorld } from "./whatsapp-queries.ts";
import { createSentMessages } from "./whatsapp-sent.ts";

export const GROUP = "120363000000000001@g.us";
const ME_BARE = `${ME.number}@s.whatsapp.net`;

export interface WhatsAppOptions {
  certificate?: Certificate;
  /** The phone signs with another account's key. */
  forgesAccount?: boolean;
  /** People's keys are signed by nobody. */
  forgesKeys?: boolean;
  /** Ask for a code to type instead of one to scan. */
  phone?: string;
  /** Ann is known by her hidden address on the wire. */
  hidesNumbers?: boolean;
  /** Nobody scans. */
  isUnattended?: boolean;
}

export interface WhatsAppPlatform extends FakePlatform {
  /** Ids of messages that the channel acknowledged as delivered, and as read. */
  readonly delivered: readonly string[];
  readonly read: readonly string[];
  /** What the clients said who they are; shows that one went on after it saw the certificate. */
  readonly logins: readonly proto.ClientPayload[];
  readonly reactions: readonly { platformId: string; emoji: string }[];
  /** Ends the live connections the way the platform does. */
  endWith(node: BinaryNode): void;
  /** Sends any message of a person. */
  writeRaw(
    message: proto.IMessage,
    options?: { from?: WhatsAppPerson; where?: "direct" | "group"; id?: string },
  ): Promise<string>;
  /** Sends any stanza. */
  sendNode(node: BinaryNode): void;
  /** Sends a frame that nobody can decrypt. */
  sendRubbish(): void;
  /** With the account's own phone as `self`. */
  people: { ann: WhatsAppPerson; bob: WhatsAppPerson; self: WhatsAppPerson };
  /** Changes a file that lies on the media server. */
  readonly media: MediaStore;
}

export async function startWhatsApp(options: WhatsAppOptions = {}): Promise<WhatsAppPlatform> {
  const keys = createServerKeys();
  const ann = createPerson({ number: "15552223333", lid: "88800002222", name: "Ann" }, ME.jid);
  const bob = createPerson({ number: "15554445555", lid: "88800004444", name: "Bob" }, ME.jid);
  const self = createPerson({ number: ME.number, lid: "99900001111", name: "Me" }, ME.jid);
  const people = [ann, bob];
  const phone = createPhone({ forges: options.forgesAccount === true });
  const media = createMediaStore();
  const sent = createSentMessages(media);
  const state = {
    bundle: undefined as KeyBundle | undefined,
    isLinked: false,
    attempts: 0,
    sendCalls: 0,
    typings: 0,
    counter: 0,
    hello: undefined as BinaryNode | undefined,
    code: undefined as string | undefined,
    faults: [] as PlatformFault[],
    last: undefined as
      | { message: proto.IMessage; from: WhatsAppPerson; where: "direct" | "group"; id: string }
      | undefined,
  };
  /** Not acknowledged yet, oldest first. */
  const pending = new Map<string, BinaryNode>();
  const active = new Set<ServerEnd>();
  const live = new Set<ServerEnd>();
  const delivered: string[] = [];
  const read: string[] = [];
  const logins: proto.ClientPayload[] = [];

  const world: QueryWorld = {
    people,
    group: GROUP,
    get mediaHost() {
      return `127.0.0.1:${port}`;
    },
    forgesKeys: options.forgesKeys === true,
    bundle: () => state.bundle,
    setBundle: (bundle) => void (state.bundle ??= bundle),
  };
  const sendAll = (node: BinaryNode) => {
    for (const end of live) end.send(node);
  };
  const enter = (end: ServerEnd) => {
    active.add(end);
    for (const stanza of pending.values()) {
      end.send({ ...stanza, attrs: { ...stanza.attrs, offline: "0" } });
    }
    const offline = { tag: "offline", attrs: { count: String(pending.size) } };
    end.send({ tag: "ib", attrs: { from: "s.whatsapp.net" }, content: [offline] });
  };
  /** The code can be typed once the phone knows both: what was shown, and who asked. */
  const typeCode = () => {
    if (state.code !== undefined && state.hello) void phone.type(state.code, state.hello).then(sendAll);
  };
  const onHandshake = (payload: proto.ClientPayload, end: ServerEnd) => {
    logins.push(payload);
    live.add(end);
    if (payload.devicePairingData) {
      const refs = Array.from({ length: 6 }, (_, i) => ({ tag: "ref", attrs: {}, content: Buffer.from(`2@ref${i}`) }));
      const attrs = { from: "s.whatsapp.net", type: "set", id: "pair-1", xmlns: "md" };
      end.send({ tag: "iq", attrs, content: [{ tag: "pair-device", attrs: {}, content: refs }] });
    } else if (!state.isLinked || String(payload.username) !== ME.number || payload.device !== 7) {
      end.send({ tag: "failure", attrs: { reason: "401", location: "fake" } });
    } else end.send({ tag: "success", attrs: { t: seconds(), lid: ME.lid } });
  };
  const onIq = async (node: BinaryNode, end: ServerEnd) => {
    if (node.attrs["type"] === "result") {
      if (!getBinaryNodeChild(node, "pair-device-sign")) return;
      state.isLinked = true;
      end.send({ tag: "stream:error", attrs: { code: "515" } });
      return;
    }
    const link = getBinaryNodeChild(node, "link_code_companion_reg");
    if (link?.attrs["stage"] === "companion_hello") {
      state.hello = link;
      typeCode();
    }
    const attrs = { from: "s.whatsapp.net", type: "result", id: node.attrs["id"] ?? "" };
    end.send({ tag: "iq", attrs, content: answerQuery(node, world) });
    if (link?.attrs["stage"] === "companion_finish") end.send(phone.finish(link));
    if (node.attrs["xmlns"] === "passive" && getBinaryNodeChild(node, "active")) enter(end);
    if (getBinaryNodeChild(node, "remove-companion-device")) {
      state.isLinked = false;
      end.send(unlinked());
    }
  };
  const onMessage = async (node: BinaryNode, end: ServerEnd) => {
    if (node.attrs["category"] === "peer") return;
    state.sendCalls += 1;
    const id = node.attrs["id"] ?? "";
    const chatId = node.attrs["to"] ?? "";
    const ack = (extra: Record<string, string>) =>
      end.send({ tag: "ack", attrs: { class: "message", id, from: chatId, t: seconds(), ...extra } });
    const fault = state.faults.shift();
    if (fault?.is === "rate-limit") return ack({ error: "429", backoff: String(fault.seconds) });
    if (fault?.is === "server-error") return ack({ error: "503" });
    if (fault?.is === "rejected") return ack({ error: "403" });
    const message = await readBySomebody(node, chatId, people);
    if (message) sent.take(id, chatId, message);
    return fault?.is === "answer-lost" ? end.terminate() : ack({});
  };
  const onReceipt = ({ attrs }: BinaryNode, end: ServerEnd) => {
    const id = attrs["id"] ?? "";
    if (attrs["type"] === "read") read.push(id);
    else if (attrs["type"] !== "retry") {
      pending.delete(id);
      delivered.push(id);
    }
    end.send({ tag: "ack", attrs: { class: "receipt", id, from: attrs["to"] ?? "" } });
  };
  const onNode = async (node: BinaryNode, end: ServerEnd) => {
    if (node.tag === "iq") await onIq(node, end);
    else if (node.tag === "message") await onMessage(node, end);
    else if (node.tag === "receipt") onReceipt(node, end);
    else if (node.tag === "ack" && node.attrs["class"] === "message") pending.delete(node.attrs["id"] ?? "");
    else if (node.tag === "chatstate" && getBinaryNodeChild(node, "composing")) state.typings += 1;
  };

  let server = await listen(0);
  const { port } = server.http.address() as AddressInfo;

  async function listen(wanted: number) {
    const http = createServer((request: IncomingMessage, response: ServerResponse) =>
      media.serve(request, response, port),
    );
    const sockets = new WebSocketServer({ server: http });
    sockets.on("connection", (socket) => {
      state.attempts += 1;
      const end = serveNoise(socket, { certificate: options.certificate ?? "genuine", keys, onHandshake, onNode });
      socket.on("close", () => {
        live.delete(end);
        active.delete(end);
      });
    });
    await new Promise<void>((resolve) => http.listen(wanted, "127.0.0.1", resolve));
    return { http, sockets };
  }
  async function stop() {
    for (const socket of server.sockets.clients) socket.terminate();
    server.http.closeAllConnections();
    await new Promise<void>((resolve) => void server.http.close(() => resolve()));
  }

  const writeRaw: WhatsAppPlatform["writeRaw"] = async (message, { from = ann, where = "direct", id } = {}) => {
    const messageId = id ?? `3A${String(++state.counter).padStart(18, "0")}`;
    state.last = { message, from, where, id: messageId };
    if (!state.bundle) throw new Error("nobody linked a device yet");
    const isGroup = where === "group";
    const content = isGroup
      ? await from.encryptForGroup(GROUP, message, state.bundle)
      : [await from.encrypt(message, state.bundle)];
    const hidden = options.hidesNumbers === true;
    const sender = hidden ? from.lid : from.id;
    const place: Record<string, string> = isGroup
      ? { from: GROUP, participant: sender, ...(hidden ? { participant_pn: from.id, addressing_mode: "lid" } : {}) }
      : { from: sender, ...(hidden ? { sender_pn: from.id } : {}) };
    const stanza: BinaryNode = {
      tag: "message",
      attrs: { ...place, type: "text", id: messageId, t: seconds(), notify: from.name },
      content,
    };
    pending.set(messageId, stanza);
    for (const end of active) end.send(stanza);
    return messageId;
  };
  const personOf = (id: string | undefined): WhatsAppPerson => people.find((one) => one.id === id) ?? ann;

  return {
    settings: { webSocketUrl: `ws://127.0.0.1:${port}/ws`, rootKey: Buffer.from(keys.root.public).toString("base64") },
    ann: { id: ann.id, name: ann.name },
    bob: { id: bob.id, name: bob.name },
    people: { ann, bob, self },
    media,
    group: GROUP,
    directChat: (person) => person.id,
    onLogin(event) {
      if (options.isUnattended === true) return;
      if (event.type === "qr" && !state.isLinked) sendAll(phone.scan(event.qr));
      if (event.type === "code") {
        state.code = event.code;
        typeCode();
      }
    },
    begin: async (connection) => connection.login?.(options.phone === undefined ? {} : { phone: options.phone }),
    write: (written) =>
      writeRaw(toMessage(written, media, port, sent.has), {
        from: personOf(written.from?.id),
        where: written.where ?? "direct",
      }),
    writeRaw,
    async repeatLast() {
      if (state.last) await writeRaw(state.last.message, state.last);
    },
    async writeNonsense() {
      for (const node of nonsense(ann.id)) sendAll(node);
      await writeRaw({ extendedTextMessage: { text: "", contextInfo: { mentionedJid: ["", "@", "x".repeat(500)] } } });
      await writeRaw({ imageMessage: { url: "file:///etc/passwd", mediaKey: Buffer.alloc(3), fileLength: -1 } });
      await writeRaw({ protocolMessage: { type: 14 } });
    },
    sendNode: sendAll,
    sendRubbish: () => live.forEach((end) => end.sendRubbish()),
    sent: sent.list,
    get reactions() {
      return sent.reactions();
    },
    get sendCalls() {
      return state.sendCalls;
    },
    get downloads() {
      return media.downloads();
    },
    get typings() {
      return state.typings;
    },
    get attempts() {
      return state.attempts;
    },
    delivered,
    read,
    logins,
    fail: (fault, times = 1) => state.faults.push(...Array.from({ length: times }, () => fault)),
    down: stop,
    async up() {
      server = await listen(port);
    },
    async revoke() {
      state.isLinked = false;
      sendAll(unlinked());
    },
    endWith: sendAll,
    close: stop,
  };
}

const seconds = () => String(Math.floor(Date.now() / 1000));

const unlinked = (): BinaryNode => ({
  tag: "stream:error",
  attrs: { code: "401" },
  content: [{ tag: "conflict", attrs: { type: "device_removed" } }],
});

/** What one of the people reads: the first to whom it was encrypted. */
async function readBySomebody(
  node: BinaryNode,
  chatId: string,
  people: readonly WhatsAppPerson[],
): Promise<proto.Message | undefined> {
  const participants = getBinaryNodeChild(node, "participants");
  const direct = getBinaryNodeChildren(node, "enc");
  let found: proto.Message | undefined;
  for (const person of people) {
    const own = getBinaryNodeChildren(participants, "to").filter(({ attrs }) => person.is(attrs["jid"]));
    const parts = [...own.flatMap((to) => getBinaryNodeChildren(to, "enc")), ...direct];
    if (chatId !== GROUP && !person.is(chatId)) continue;
    for (const part of parts) found = await person.decrypt(part, chatId);
  }
  return found;
}

function toMessage(written: Written, media: MediaStore, port: number, isOurs: (id: string) => boolean): proto.IMessage {
  const text = (written.mentionsBot === true ? `@${ME.number} ` : "") + (written.text ?? "");
  const contextInfo: proto.IContextInfo = {
    ...(written.mentionsBot === true ? { mentionedJid: [ME_BARE] } : {}),
    ...(written.replyTo === undefined
      ? {}
      : {
          stanzaId: written.replyTo,
          participant: isOurs(written.replyTo) ? ME_BARE : "15559998888@s.whatsapp.net",
          quotedMessage: { conversation: "before" },
        }),
  };
  if (written.media) return media.toMessage(written.media, text, port);
  return Object.keys(contextInfo).length === 0
    ? { conversation: text }
    : { extendedTextMessage: { text, contextInfo } };
}

function nonsense(from: string): BinaryNode[] {
  const enc = (type: string, content: Uint8Array): BinaryNode => ({ tag: "enc", attrs: { v: "2", type }, content });
  const t = seconds();
  return [
    { tag: "message", attrs: { from, id: "N1", t, type: "text" }, content: [enc("msg", Buffer.from("rubbish"))] },
    { tag: "message", attrs: { from: "nobody", id: "N2", t: "x" }, content: [enc("pkmsg", Buffer.alloc(40, 3))] },
    { tag: "message", attrs: { id: "N3" } },
    { tag: "unheard-of", attrs: {}, content: [{ tag: "x", attrs: {} }] },
    { tag: "receipt", attrs: { from, id: "N4", type: "strange" } },
  ];
}
