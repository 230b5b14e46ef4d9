/**
 * The server's half of WhatsApp's transport: Noise XX over WebSocket messages, the certificate chain, then encrypted
 * binary nodes. Wire facts from the client library's other half. Must never be reachable from outside of this machine.
 */
import {
  Curve,
  NOISE_MODE,
  NOISE_WA_HEADER,
  aesDecryptGCM,
  aesEncryptGCM,
  decodeBinaryNode,
  encodeBinaryNode,
  hkdf,
  proto,
  sha256,
  type BinaryNode,
  type KeyPair,
} from "@whiskeysockets/baileys";
import type { WebSocket } from "ws";

/** What the server shows: the real thing, or a forgery of one link of the chain. */
export type Certificate =
  | "genuine"
  | "foreign-root"
  | "foreign-leaf"
  | "forged-signature"
  | "borrowed"
  | "wrong-issuer";

export interface ServerKeys {
  root: KeyPair;
  intermediate: KeyPair;
  /** The key of the connection itself. */
  own: KeyPair;
}

export function createServerKeys(): ServerKeys {
  return { root: Curve.generateKeyPair(), intermediate: Curve.generateKeyPair(), own: Curve.generateKeyPair() };
}

export interface ServerEnd {
  send(node: BinaryNode): void;
  /** Bytes that were never encrypted. */
  sendRubbish(): void;
  terminate(): void;
}

export interface ServerEvents {
  certificate: Certificate;
  keys: ServerKeys;
  /** The client said who it is: it took the certificate. */
  onHandshake(payload: proto.ClientPayload, end: ServerEnd): void;
  onNode(node: BinaryNode, end: ServerEnd): void | Promise<void>;
}

function certificateChain({ root, intermediate, own }: ServerKeys, certificate: Certificate): Uint8Array {
  const { Details } = proto.CertChain.NoiseCertificate;
  const stranger = Curve.generateKeyPair();
  const issuerSerial = certificate === "wrong-issuer" ? 9 : 0;
  const upper = Details.encode({ serial: 1, issuerSerial, key: intermediate.public }).finish();
  const key = certificate === "borrowed" ? stranger.public : own.public;
  const lower = Details.encode({ serial: 2, issuerSerial: 1, key }).finish();
  const rootPrivate = certificate === "foreign-root" ? stranger.private : root.private;
  const leafPrivate = certificate === "foreign-leaf" ? stranger.private : intermediate.private;
  const signature = Buffer.from(Curve.sign(leafPrivate, lower));
  if (certificate === "forged-signature") signature.fill(7);
  return proto.CertChain.encode({
    intermediate: { details: upper, signature: Curve.sign(rootPrivate, upper) },
    leaf: { details: lower, signature },
  }).finish();
}

/** Serves one WebSocket until it closes. */
export function serveNoise(socket: WebSocket, events: ServerEvents): ServerEnd {
  const noise = createNoise();
  const ephemeral = Curve.generateKeyPair();
  let received = Buffer.alloc(0);
  let stage: "intro" | "hello" | "finish" | "open" = "intro";
  let queue = Promise.resolve();

  const sendFrame = (data: Uint8Array) => {
    const length = Buffer.alloc(3);
    length.writeUIntBE(data.length, 0, 3);
    if (socket.readyState === socket.OPEN) socket.send(Buffer.concat([length, data]));
  };
  const end: ServerEnd = {
    send: (node) => sendFrame(noise.seal(encodeBinaryNode(node))),
    sendRubbish: () => sendFrame(Buffer.alloc(64, 5)),
    terminate: () => socket.terminate(),
  };
  const onFrame = async (frame: Buffer) => {
    if (stage === "hello") {
      stage = "finish";
      const { clientHello } = proto.HandshakeMessage.decode(frame);
      sendFrame(noise.answerHello(clientHello?.ephemeral ?? Buffer.alloc(0), ephemeral, events));
    } else if (stage === "finish") {
      stage = "open";
      const { clientFinish } = proto.HandshakeMessage.decode(frame);
      const payload = noise.openFinish(clientFinish ?? {}, ephemeral);
      events.onHandshake(proto.ClientPayload.decode(payload), end);
    } else await events.onNode(await decodeBinaryNode(noise.open(frame)), end);
  };
  socket.on("error", () => {});
  socket.on("message", (data: Buffer) => {
    received = Buffer.concat([received, data]);
    if (stage === "intro" && received.length >= NOISE_WA_HEADER.length) {
      stage = "hello";
      received = received.subarray(NOISE_WA_HEADER.length);
    }
    while (stage !== "intro" && received.length >= 3) {
      const size = received.readUIntBE(0, 3) + 3;
      if (received.length < size) break;
      const frame = received.subarray(3, size);
      received = received.subarray(size);
      // A client that went away in the middle is none of the server's trouble.
      queue = queue.then(() => onFrame(frame)).catch(() => socket.terminate());
    }
  });
  return end;
}

function counterOf(count: number): Buffer {
  const iv = Buffer.alloc(12);
  iv.writeUInt32BE(count, 8);
  return iv;
}

/** The responder's state of `Noise_XX_25519_AESGCM_SHA256`. */
function createNoise() {
  let hash: Buffer = Buffer.from(NOISE_MODE);
  let salt = hash;
  let key = hash;
  let count = 0;
  let sealed = 0;
  let opened = 0;
  let keys: { seal: Uint8Array; open: Uint8Array } | undefined;
  const mixHash = (data: Uint8Array) => void (hash = sha256(Buffer.concat([hash, data])));
  const expand = (secret: Uint8Array) => Buffer.from(hkdf(Buffer.from(secret), 64, { salt, info: "" }));
  const mixKey = (secret: Uint8Array) => {
    const mixed = expand(secret);
    salt = mixed.subarray(0, 32);
    key = mixed.subarray(32);
    count = 0;
  };
  const encrypt = (plain: Uint8Array) => {
    const data = aesEncryptGCM(plain, key, counterOf(count++), hash);
    mixHash(data);
    return data;
  };
  const decrypt = (data: Uint8Array) => {
    const plain = aesDecryptGCM(data, key, counterOf(count++), hash);
    mixHash(data);
    return plain;
  };
  return {
    answerHello(clientKey: Uint8Array, ephemeral: KeyPair, { keys: server, certificate }: ServerEvents): Uint8Array {
      mixHash(NOISE_WA_HEADER);
      mixHash(clientKey);
      mixHash(ephemeral.public);
      mixKey(Curve.sharedKey(ephemeral.private, clientKey));
      const own = encrypt(server.own.public);
      mixKey(Curve.sharedKey(server.own.private, clientKey));
      const payload = encrypt(certificateChain(server, certificate));
      const serverHello = { ephemeral: ephemeral.public, static: own, payload };
      return proto.HandshakeMessage.encode({ serverHello }).finish();
    },
    openFinish(finish: proto.HandshakeMessage.IClientFinish, ephemeral: KeyPair): Uint8Array {
      const clientStatic = decrypt(finish.static ?? Buffer.alloc(0));
      mixKey(Curve.sharedKey(ephemeral.private, clientStatic));
      const payload = decrypt(finish.payload ?? Buffer.alloc(0));
      const both = expand(new Uint8Array());
      keys = { open: both.subarray(0, 32), seal: both.subarray(32) };
      return payload;
    },
    seal(plain: Uint8Array): Uint8Array {
      if (!keys) throw new Error("nothing can be sent before the handshake");
      return aesEncryptGCM(plain, keys.seal, counterOf(sealed++), Buffer.alloc(0));
    },
    open(data: Uint8Array): Buffer {
      if (!keys) throw new Error("nothing can come before the handshake");
      return aesDecryptGCM(Buffer.from(data), keys.open, counterOf(opened++), Buffer.alloc(0));
    },
  };
}
