/** What the fake of WhatsApp answers to a device's questions (`iq`): devices, keys, groups, media servers. */
import {
  getBinaryNodeChild,
  getBinaryNodeChildBuffer,
  getBinaryNodeChildren,
  generateSignalPubKey,
  type BinaryNode,
} from "@whiskeysockets/baileys";
import type { KeyBundle, WhatsAppPerson } from "./whatsapp-person.ts";
import { ME } from "./whatsapp-phone.ts";

export interface QueryWorld {
  people: readonly WhatsAppPerson[];
  group: string;
  /** `127.0.0.1:1234` */
  mediaHost: string;
  forgesKeys: boolean;
  bundle(): KeyBundle | undefined;
  setBundle(bundle: KeyBundle): void;
}

const numberIn = (bytes: Buffer): number => (bytes.length === 0 ? 0 : bytes.readUIntBE(0, bytes.length));
const bytesOf = (node: BinaryNode, tag: string): Buffer => Buffer.from(getBinaryNodeChildBuffer(node, tag) ?? []);

function readBundle(node: BinaryNode): KeyBundle | undefined {
  const list = getBinaryNodeChild(node, "list");
  const signed = getBinaryNodeChild(node, "skey");
  const oneTime = getBinaryNodeChildren(list, "key");
  if (oneTime.length === 0 || !signed) return undefined;
  return {
    registrationId: numberIn(bytesOf(node, "registration")),
    identityKey: generateSignalPubKey(bytesOf(node, "identity")),
    signedPreKey: {
      keyId: numberIn(bytesOf(signed, "id")),
      publicKey: generateSignalPubKey(bytesOf(signed, "value")),
      signature: bytesOf(signed, "signature"),
    },
    preKeys: oneTime.map((key) => ({
      keyId: numberIn(bytesOf(key, "id")),
      publicKey: generateSignalPubKey(bytesOf(key, "value")),
    })),
  };
}

/** @returns the content of the result */
export function answerQuery(node: BinaryNode, world: QueryWorld): BinaryNode[] {
  const [first] = Array.isArray(node.content) ? node.content : [];
  switch (node.attrs["xmlns"]) {
    case "encrypt":
      return answerKeys(node, first, world);
    case "usync":
      return [answerDevices(first, world)];
    case "w:m": {
      const host = { tag: "host", attrs: { hostname: world.mediaHost } };
      return [{ tag: "media_conn", attrs: { auth: "a b", ttl: "3600" }, content: [host] }];
    }
    case "w:g2": {
      const members = [...world.people.map(({ id }) => id), `${ME.number}@s.whatsapp.net`];
      const content = members.map((jid) => ({ tag: "participant", attrs: { jid } }));
      const attrs = { id: world.group, subject: "Friends", creation: "1700000000", addressing_mode: "pn" };
      return [{ tag: "group", attrs, content }];
    }
    case "privacy": {
      const category = { tag: "category", attrs: { name: "readreceipts", value: "all" } };
      return [{ tag: "privacy", attrs: {}, content: [category] }];
    }
    default:
      return [];
  }
}

function answerKeys(node: BinaryNode, first: BinaryNode | undefined, world: QueryWorld): BinaryNode[] {
  if (first?.tag === "count") return [{ tag: "count", attrs: { value: world.bundle() ? "812" : "0" } }];
  if (first?.tag === "digest") return [{ tag: "digest", attrs: {}, content: [] }];
  if (first?.tag === "key") {
    const users = getBinaryNodeChildren(first, "user").flatMap(({ attrs }) => {
      const person = world.people.find(({ is }) => is(attrs["jid"]));
      return person ? [person.bundleNode(attrs["jid"] ?? "", world.forgesKeys)] : [];
    });
    return [{ tag: "list", attrs: {}, content: users }];
  }
  const bundle = readBundle(node);
  if (bundle) world.setBundle(bundle);
  return [];
}

function answerDevices(usync: BinaryNode | undefined, { people }: QueryWorld): BinaryNode {
  const list = usync && getBinaryNodeChild(usync, "list");
  const users = getBinaryNodeChildren(list, "user").map(({ attrs }): BinaryNode => {
    const jid = attrs["jid"] ?? "";
    const person = people.find(({ is }) => is(jid));
    const isMe = jid.startsWith(ME.number);
    const device = isMe ? { id: "7", "key-index": "1" } : { id: "0" };
    const devices: BinaryNode = {
      tag: "devices",
      attrs: {},
      content: [{ tag: "device-list", attrs: {}, content: [{ tag: "device", attrs: device }] }],
    };
    const lid = person?.lid ?? (isMe ? "99900001111@lid" : undefined);
    const mapping: BinaryNode[] = lid === undefined ? [] : [{ tag: "lid", attrs: { val: lid } }];
    return { tag: "user", attrs: { jid }, content: [devices, ...mapping] };
  });
  const content = [
    { tag: "result", attrs: {} },
    { tag: "list", attrs: {}, content: users },
  ];
  return { tag: "usync", attrs: {}, content };
}
