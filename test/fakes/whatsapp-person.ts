/**
 * A person with a phone, for the fake of WhatsApp: encrypts and decrypts with the client library's own Signal code, and
 * keeps its keys in memory.
 */
import {
  DEFAULT_CONNECTION_CONFIG,
  addTransactionCapability,
  initAuthCreds,
  proto,
  unpadRandomMax16,
  writeRandomPadMax16,
  type BinaryNode,
  type SignalDataSet,
  type SignalDataTypeMap,
  type SignalKeyStore,
} from "@whiskeysockets/baileys";
import type { Person } from "#test/fakes/channel-platform.ts";

/** What a device uploads so that others can write to it first. */
export interface KeyBundle {
  registrationId: number;
  identityKey: Uint8Array;
  signedPreKey: { keyId: number; publicKey: Uint8Array; signature: Uint8Array };
  /** Each is given to one person only. */
  preKeys: { keyId: number; publicKey: Uint8Array }[];
}

const nothing = () => {};
const silent = {
  level: "silent",
  child: () => silent,
  trace: nothing,
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
};

function createMemoryKeys(): SignalKeyStore {
  const values = new Map<string, unknown>();
  return {
    async get<T extends keyof SignalDataTypeMap>(type: T, ids: string[]) {
      const found: Record<string, SignalDataTypeMap[T]> = {};
      for (const id of ids) {
        const value = values.get(`${type}:${id}`);
        if (value != null) found[id] = value as SignalDataTypeMap[T];
      }
      return found;
    },
    async set(data: SignalDataSet) {
      for (const [type, entries] of Object.entries(data)) {
        for (const [id, value] of Object.entries(entries ?? {})) values.set(`${type}:${id}`, value);
      }
    },
  };
}

export type WhatsAppPerson = ReturnType<typeof createPerson>;

/** @param me the address of the linked device that this person writes with */
export function createPerson({ number, lid, name }: { number: string; lid: string; name: string }, me: string) {
  const creds = initAuthCreds();
  const keys = addTransactionCapability(createMemoryKeys(), silent, { maxCommitRetries: 1, delayBetweenTriesMs: 1 });
  const signal = DEFAULT_CONNECTION_CONFIG.makeSignalRepository({ creds, keys }, silent, async () => []);
  const person: Person = { id: `${number}@s.whatsapp.net`, name };
  let met: KeyBundle | undefined;
  const meet = async (bundle: KeyBundle) => {
    if (met === bundle) return;
    met = bundle;
    const preKey = bundle.preKeys.shift();
    if (!preKey) throw new Error("the device has no one-time keys left");
    await signal.injectE2ESession({ jid: me, session: { ...bundle, preKey } });
  };
  return {
    ...person,
    lid: `${lid}@lid`,
    /** Whether an address, with device or hidden, is this person's. */
    is: (jid: string | undefined) => /^\d+/.exec(jid ?? "")?.[0] === number || jid?.startsWith(lid) === true,
    async encrypt(message: proto.IMessage, bundle: KeyBundle): Promise<BinaryNode> {
      await meet(bundle);
      const data = writeRandomPadMax16(proto.Message.encode(message).finish());
      const { type, ciphertext } = await signal.encryptMessage({ jid: me, data });
      return { tag: "enc", attrs: { v: "2", type }, content: ciphertext };
    },
    /** The two parts of a message to a group: the sender's key for us, and the message. */
    async encryptForGroup(group: string, message: proto.IMessage, bundle: KeyBundle): Promise<BinaryNode[]> {
      const data = writeRandomPadMax16(proto.Message.encode(message).finish());
      const made = await signal.encryptGroupMessage({ group, meId: person.id, data });
      const senderKeyDistributionMessage = {
        groupId: group,
        axolotlSenderKeyDistributionMessage: made.senderKeyDistributionMessage,
      };
      const key = await this.encrypt({ senderKeyDistributionMessage }, bundle);
      return [key, { tag: "enc", attrs: { v: "2", type: "skmsg" }, content: made.ciphertext }];
    },
    async decrypt({ attrs, content }: BinaryNode, group: string): Promise<proto.Message> {
      const ciphertext = content as Uint8Array;
      const type = attrs["type"] ?? "";
      const plain =
        type === "skmsg"
          ? await signal.decryptGroupMessage({ group, authorJid: me, msg: ciphertext })
          : await signal.decryptMessage({ jid: me, type: type === "pkmsg" ? "pkmsg" : "msg", ciphertext });
      const message = proto.Message.decode(unpadRandomMax16(plain));
      const item = message.senderKeyDistributionMessage;
      if (item) await signal.processSenderKeyDistributionMessage({ authorJid: me, item });
      return message;
    },
    /** What the platform answers when somebody asks for this person's keys. */
    bundleNode(jid: string, forged: boolean): BinaryNode {
      const { registrationId, signedIdentityKey, signedPreKey } = creds;
      const id = Buffer.alloc(4);
      id.writeUInt32BE(registrationId);
      const signature = Buffer.from(signedPreKey.signature);
      if (forged) signature.fill(7);
      const part = (tag: string, content: Uint8Array): BinaryNode => ({ tag, attrs: {}, content });
      const skey = [
        part("id", Buffer.from([0, 0, signedPreKey.keyId])),
        part("value", signedPreKey.keyPair.public),
        part("signature", signature),
      ];
      const content = [
        part("registration", id),
        part("identity", signedIdentityKey.public),
        { tag: "skey", attrs: {}, content: skey },
      ];
      return { tag: "user", attrs: { jid }, content };
    },
  };
}
