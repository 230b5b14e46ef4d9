/**
 * The phone of the account, for the fake of WhatsApp: scans a code or takes a typed one, and signs the new device. From
 * the client library's other half of linking.
 */
import {
  Curve,
  aesDecryptGCM,
  aesEncryptCTR,
  derivePairingCodeKey,
  getBinaryNodeChildBuffer,
  hkdf,
  hmacSign,
  proto,
  type BinaryNode,
} from "@whiskeysockets/baileys";
import { randomBytes } from "node:crypto";

export const ME = { number: "15550001111", jid: "15550001111:7@s.whatsapp.net", lid: "99900001111:7@lid" };

const bytesOf = (node: BinaryNode, tag: string): Buffer => Buffer.from(getBinaryNodeChildBuffer(node, tag) ?? []);

/** @param forges signs with another account's key */
export function createPhone({ forges }: { forges: boolean }) {
  const account = Curve.generateKeyPair();
  const stranger = Curve.generateKeyPair();

  /** The platform's word that the link is made, with the account's signature over the device's identity. */
  const success = (identity: Uint8Array, advSecret: Uint8Array): BinaryNode => {
    const details = proto.ADVDeviceIdentity.encode({ rawId: 1, timestamp: 1_700_000_000, keyIndex: 1 }).finish();
    const signer = forges ? stranger : account;
    const accountSignature = Curve.sign(signer.private, Buffer.concat([Buffer.from([6, 0]), details, identity]));
    const signed = proto.ADVSignedDeviceIdentity.encode({
      details,
      accountSignatureKey: account.public,
      accountSignature,
    }).finish();
    const sealed = { details: signed, hmac: hmacSign(Buffer.from(signed), advSecret) };
    const content: BinaryNode[] = [
      { tag: "device-identity", attrs: {}, content: proto.ADVSignedDeviceIdentityHMAC.encode(sealed).finish() },
      { tag: "device", attrs: { jid: ME.jid, lid: ME.lid } },
      { tag: "platform", attrs: { name: "fake" } },
    ];
    const attrs = { from: "@s.whatsapp.net", type: "set", id: "pair-2" };
    return { tag: "iq", attrs, content: [{ tag: "pair-success", attrs: {}, content }] };
  };

  let typed: { ephemeral: ReturnType<typeof Curve.generateKeyPair>; companion: Uint8Array } | undefined;
  return {
    /** @param qr as the channel shows it */
    scan(qr: string): BinaryNode {
      const [, , identity = "", advSecret = ""] = (qr.split("#").at(-1) ?? "").split(",");
      return success(Buffer.from(identity, "base64"), Buffer.from(advSecret, "base64"));
    },
    /** @param hello what the new device sent when it asked for a code */
    async type(code: string, hello: BinaryNode): Promise<BinaryNode> {
      const wrapped = bytesOf(hello, "link_code_pairing_wrapped_companion_ephemeral_pub");
      const key = await derivePairingCodeKey(code, wrapped.subarray(0, 32));
      const companion = aesEncryptCTR(wrapped.subarray(48), key, wrapped.subarray(32, 48));
      typed = { ephemeral: Curve.generateKeyPair(), companion };
      const salt = randomBytes(32);
      const iv = randomBytes(16);
      const own = aesEncryptCTR(typed.ephemeral.public, await derivePairingCodeKey(code, salt), iv);
      const content: BinaryNode[] = [
        { tag: "link_code_pairing_ref", attrs: {}, content: Buffer.from("ref") },
        { tag: "primary_identity_pub", attrs: {}, content: account.public },
        {
          tag: "link_code_pairing_wrapped_primary_ephemeral_pub",
          attrs: {},
          content: Buffer.concat([salt, iv, own]),
        },
      ];
      const attrs = { from: "@s.whatsapp.net", type: "link_code_companion_reg", id: "code-1", t: "1700000000" };
      return { tag: "notification", attrs, content: [{ tag: "link_code_companion_reg", attrs: {}, content }] };
    },
    /** @param finish what the new device answered */
    finish(finish: BinaryNode): BinaryNode {
      if (!typed) throw new Error("no code was typed");
      const shared = Curve.sharedKey(typed.ephemeral.private, typed.companion);
      const bundle = bytesOf(finish, "link_code_pairing_wrapped_key_bundle");
      const salt = bundle.subarray(0, 32);
      const key = hkdf(shared, 32, { salt, info: "link_code_pairing_key_bundle_encryption_key" });
      const plain = aesDecryptGCM(bundle.subarray(44), key, bundle.subarray(32, 44), Buffer.alloc(0));
      const identity = plain.subarray(0, 32);
      const secret = Buffer.concat([shared, Curve.sharedKey(account.private, identity), plain.subarray(64)]);
      return success(identity, hkdf(secret, 32, { info: "adv_secret" }));
    },
  };
}
