/**
 * Proves that the other end is WhatsApp before anything of ours is said, and that the phone which linked us is the
 * account it claims to be. The pinned client does neither: its `Curve.verify` answers true for every signature. Nothing
 * here trusts the client's own check, and nothing here may ever answer "fine" on doubt.
 */
import { createPublicKey, verify } from "node:crypto";
import type { EventEmitter } from "node:events";
import type { AuthenticationCreds, KeyPair } from "@whiskeysockets/baileys";
import type { Library } from "./library.ts";

const P = 2n ** 255n - 19n;
/** An Ed25519 public key as SubjectPublicKeyInfo (RFC 8410), without its 32 bytes. */
const SPKI_PREFIX = "302a300506032b6570032100";
const UNPROVEN_ACCOUNT = "the account did not sign the key of this device";
/** A hello is about 400 bytes. */
const MAX_HELLO = 16 * 1024;

/** The other side could not prove who it is. */
export class IdentityRefused extends Error {
  override readonly name = "IdentityRefused";

  constructor(why: string, what = "the server could not prove that it is WhatsApp") {
    super(`${what} (${why})`);
  }
}

/**
 * Checks an XEdDSA signature (Signal's specification of that name): Ed25519 over the Edwards form of a Curve25519 key.
 * @param publicKey 32 bytes, or 33 with Signal's type byte 5 in front
 * @returns false for everything malformed
 */
export function verifyXeddsa(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const key = publicKey.length === 33 && publicKey[0] === 5 ? publicKey.subarray(1) : publicKey;
  if (key.length !== 32 || signature.length !== 64) return false;
  const u = (BigInt(`0x${Buffer.from(key).reverse().toString("hex")}`) & (2n ** 255n - 1n)) % P;
  if (u === P - 1n) return false;
  const y = (((u - 1n + P) % P) * power(u + 1n, P - 2n)) % P;
  const edwards = Buffer.from(y.toString(16).padStart(64, "0"), "hex").reverse();
  const plain = Buffer.from(signature);
  // The sign of the Edwards point travels in the highest bit of the signature.
  edwards[31] = (edwards[31] ?? 0) | ((plain[63] ?? 0) & 0x80);
  plain[63] = (plain[63] ?? 0) & 0x7f;
  try {
    const der = Buffer.concat([Buffer.from(SPKI_PREFIX, "hex"), edwards]);
    return verify(null, message, createPublicKey({ key: der, format: "der", type: "spki" }), plain);
  } catch {
    return false;
  }
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let b = base % P, e = exponent; e > 0n; e >>= 1n, b = (b * b) % P) if (e & 1n) result = (result * b) % P;
  return result;
}

/**
 * Reads the server's answer of the Noise XX handshake as the client will, and checks its certificates: the root signed
 * the intermediate, the intermediate signed the leaf, and the leaf names the very key of this connection (without the
 * last, anybody could show WhatsApp's own certificates). The same checks as in whatsmeow. Throws IdentityRefused.
 * @param ephemeral the key pair that the client made for this connection
 */
export function checkServerHello(library: Library, hello: Uint8Array, ephemeral: KeyPair, root: Uint8Array): void {
  try {
    const { staticKey, certificates } = openHello(library, hello, ephemeral);
    checkCertificates(library, certificates, staticKey, root);
  } catch (error) {
    if (error instanceof IdentityRefused) throw error;
    throw new IdentityRefused("its greeting makes no sense");
  }
}

/** The Noise steps `e, ee, s, es` of `Noise_XX_25519_AESGCM_SHA256`. */
function openHello(library: Library, hello: Uint8Array, ephemeral: KeyPair) {
  const { Curve, NOISE_MODE, NOISE_WA_HEADER, aesDecryptGCM, hkdf, proto, sha256 } = library;
  const { serverHello } = proto.HandshakeMessage.decode(hello);
  demand(serverHello?.ephemeral && serverHello.static && serverHello.payload, "its greeting is not complete");
  let hash: Buffer = Buffer.from(NOISE_MODE);
  let salt = hash;
  let key = hash;
  const mixHash = (data: Uint8Array) => void (hash = sha256(Buffer.concat([hash, data])));
  const mixKey = (secret: Uint8Array) => {
    const mixed = Buffer.from(hkdf(Buffer.from(secret), 64, { salt, info: "" }));
    salt = mixed.subarray(0, 32);
    key = mixed.subarray(32);
  };
  const open = (data: Uint8Array) => {
    // Each key opens one message only: the counter in the nonce stays 0.
    const plain = aesDecryptGCM(data, key, Buffer.alloc(12), hash);
    mixHash(data);
    return plain;
  };
  mixHash(NOISE_WA_HEADER);
  mixHash(ephemeral.public);
  mixHash(serverHello.ephemeral);
  mixKey(Curve.sharedKey(ephemeral.private, serverHello.ephemeral));
  const staticKey = open(serverHello.static);
  mixKey(Curve.sharedKey(ephemeral.private, staticKey));
  return { staticKey, certificates: open(serverHello.payload) };
}

function checkCertificates(library: Library, chain: Uint8Array, staticKey: Uint8Array, root: Uint8Array): void {
  const { proto, WA_CERT_DETAILS } = library;
  const { Details } = proto.CertChain.NoiseCertificate;
  const { leaf, intermediate } = proto.CertChain.decode(chain);
  demand(leaf?.details && leaf.signature, "its certificate is not complete");
  demand(intermediate?.details && intermediate.signature, "the certificate above its own is not complete");
  const issuer = Details.decode(intermediate.details);
  const own = Details.decode(leaf.details);
  const issuerKey = issuer.key ?? new Uint8Array();
  demand(verifyXeddsa(root, intermediate.details, intermediate.signature), "its issuer is not signed by WhatsApp");
  demand(verifyXeddsa(issuerKey, leaf.details, leaf.signature), "its certificate is not signed by its issuer");
  demand((issuer.issuerSerial ?? 0) === WA_CERT_DETAILS.SERIAL, "its issuer was issued by another one");
  demand((own.issuerSerial ?? 0) === (issuer.serial ?? 0), "its certificates do not belong together");
  demand(Buffer.compare(own.key ?? new Uint8Array(), staticKey) === 0, "its certificate is for another server");
}

function demand(isProven: unknown, otherwise: string, what?: string): asserts isProven {
  if (!isProven) throw new IdentityRefused(otherwise, what);
}

/**
 * Stands between the WebSocket and the client until the server's first frame was checked. When it is refused the client
 * never sees it, so it never answers with its key or its name.
 * @param check throws to refuse; gets the frame without its three bytes of length
 */
export function holdUntilChecked(
  socket: EventEmitter,
  check: (frame: Uint8Array) => void,
  refuse: (reason: unknown) => void,
): void {
  const readers = socket.listeners("message") as ((...args: unknown[]) => void)[];
  socket.removeAllListeners("message");
  let held = Buffer.alloc(0);
  const onData = (data: Uint8Array) => {
    held = Buffer.concat([held, data]);
    const size = held.length < 3 ? Infinity : held.readUIntBE(0, 3) + 3;
    if (held.length < Math.min(size, MAX_HELLO)) return;
    socket.off("message", onData);
    try {
      demand(size <= MAX_HELLO, "its greeting is far too long");
      check(held.subarray(3, size));
    } catch (error) {
      return refuse(error);
    }
    for (const reader of readers) socket.on("message", reader);
    socket.emit("message", held);
  };
  socket.on("message", onData);
}

/** Checks that the account signed our identity key (the "ADV" signature of a linked device). Throws IdentityRefused. */
export function checkAccount(library: Library, { account, signedIdentityKey }: Partial<AuthenticationCreds>): void {
  const { details, accountSignature, accountSignatureKey } = account ?? {};
  demand(details && accountSignature && accountSignatureKey, "there is no signature", UNPROVEN_ACCOUNT);
  demand(signedIdentityKey, "there is no key", UNPROVEN_ACCOUNT);
  const { ADVDeviceIdentity, ADVEncryptionType } = library.proto;
  const isHosted = ADVDeviceIdentity.decode(details).deviceType === ADVEncryptionType.HOSTED;
  const prefix = isHosted ? library.WA_ADV_HOSTED_ACCOUNT_SIG_PREFIX : library.WA_ADV_ACCOUNT_SIG_PREFIX;
  const signed = Buffer.concat([prefix, details, signedIdentityKey.public]);
  demand(verifyXeddsa(accountSignatureKey, signed, accountSignature), "the signature is wrong", UNPROVEN_ACCOUNT);
}
