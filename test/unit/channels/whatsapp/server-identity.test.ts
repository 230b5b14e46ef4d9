/** Signatures over Curve25519 keys, which the client library does not check, checked. */
import { Curve, generateSignalPubKey, proto, WA_ADV_HOSTED_ACCOUNT_SIG_PREFIX } from "@whiskeysockets/baileys";
import * as library from "@whiskeysockets/baileys";
import { EventEmitter } from "node:events";
import { describe, expect, it } from "vitest";
import {
  checkAccount,
  checkServerHello,
  holdUntilChecked,
  IdentityRefused,
  verifyXeddsa,
} from "#main/channels/whatsapp/server-identity.ts";

describe("XEdDSA", () => {
  const pairs = Array.from({ length: 24 }, () => Curve.generateKeyPair());

  it("takes right signatures, with and without the key's type byte", () => {
    for (const [index, pair] of pairs.entries()) {
      const message = Buffer.alloc(index * 5, index);
      const signature = Curve.sign(pair.private, Buffer.from([...message, 1]));
      const signed = Buffer.from([...message, 1]);
      expect(verifyXeddsa(pair.public, signed, signature)).toBe(true);
      expect(verifyXeddsa(generateSignalPubKey(pair.public), signed, signature)).toBe(true);
    }
  });

  it("refuses each changed byte, where the library's own check takes them all", () => {
    const [pair, other] = pairs;
    if (!pair || !other) throw new Error("no keys");
    const message = Buffer.from("certificate");
    const signature = Buffer.from(Curve.sign(pair.private, message));
    for (let i = 0; i < 64; i++) {
      const changed = Buffer.from(signature);
      changed[i] = (changed[i] ?? 0) ^ 4;
      expect(verifyXeddsa(pair.public, message, changed), `byte ${i}`).toBe(false);
    }
    expect(verifyXeddsa(other.public, message, signature)).toBe(false);
    expect(verifyXeddsa(pair.public, Buffer.from("certificatf"), signature)).toBe(false);
    expect(Curve.verify(pair.public, message, Buffer.alloc(64, 7))).toBe(true);
  });

  it.each([
    [Buffer.alloc(0), Buffer.alloc(64)],
    [Buffer.alloc(32), Buffer.alloc(63)],
    [Buffer.alloc(31, 1), Buffer.alloc(64)],
    [Buffer.alloc(33, 4), Buffer.alloc(64)],
    [Buffer.alloc(32, 255), Buffer.alloc(64, 255)],
    // u = -1, which has no Edwards form.
    [Buffer.from(`ec${"ff".repeat(30)}7f`, "hex"), Buffer.alloc(64)],
  ])("refuses keys and signatures that are none %#", (key, signature) => {
    expect(verifyXeddsa(key, Buffer.from("x"), signature)).toBe(false);
  });
});

describe("the account", () => {
  const account = Curve.generateKeyPair();
  const signedIdentityKey = Curve.generateKeyPair();
  const sign = (prefix: Uint8Array, deviceType: number) => {
    const details = Buffer.from(proto.ADVDeviceIdentity.encode({ keyIndex: 1, deviceType }).finish());
    const signed = Buffer.concat([prefix, details, signedIdentityKey.public]);
    return { details, accountSignatureKey: account.public, accountSignature: Curve.sign(account.private, signed) };
  };

  it("is taken with its signature, of an ordinary and of a hosted device", () => {
    checkAccount(library, { account: sign(Buffer.from([6, 0]), 0), signedIdentityKey });
    checkAccount(library, { account: sign(WA_ADV_HOSTED_ACCOUNT_SIG_PREFIX, 1), signedIdentityKey });
  });

  it("is refused with any other", () => {
    const good = sign(Buffer.from([6, 0]), 0);
    const other = Curve.generateKeyPair();
    expect(() =>
      checkAccount(library, { account: { ...good, accountSignature: Buffer.alloc(64) }, signedIdentityKey }),
    ).toThrow(IdentityRefused);
    expect(() => checkAccount(library, { account: good, signedIdentityKey: other })).toThrow(IdentityRefused);
    expect(() => checkAccount(library, { account: {}, signedIdentityKey })).toThrow(IdentityRefused);
    expect(() => checkAccount(library, {})).toThrow(IdentityRefused);
  });
});

describe("the greeting", () => {
  it.each([Buffer.alloc(0), Buffer.from("nonsense"), Buffer.alloc(200, 255), hello({})])(
    "is refused when it is none %#",
    (frame) => {
      expect(() => checkServerHello(library, frame, Curve.generateKeyPair(), Buffer.alloc(32))).toThrow(
        IdentityRefused,
      );
    },
  );

  function hello(serverHello: proto.HandshakeMessage.IServerHello): Buffer {
    return Buffer.from(proto.HandshakeMessage.encode({ serverHello }).finish());
  }

  function hold(check: (frame: Uint8Array) => void) {
    const socket = new EventEmitter();
    const read: Buffer[] = [];
    const refused: unknown[] = [];
    socket.on("message", (data: Buffer) => read.push(data));
    holdUntilChecked(socket, check, (error) => refused.push(error));
    return { socket, read, refused };
  }

  it("is held until all of it came, then passed on with what followed", () => {
    const frames: string[] = [];
    const { socket, read, refused } = hold((frame) => frames.push(Buffer.from(frame).toString()));
    for (const piece of ["\0", "\0\x03a", "bcrest"]) socket.emit("message", Buffer.from(piece));
    socket.emit("message", Buffer.from("later"));
    expect(frames).toEqual(["abc"]);
    expect(read.map(String)).toEqual(["\0\0\x03abcrest", "later"]);
    expect(refused).toEqual([]);
  });

  it("never reaches the client when it is refused, or far too long", () => {
    const bad = hold(() => {
      throw new IdentityRefused("no");
    });
    bad.socket.emit("message", Buffer.from("\0\0\x01abc"));
    bad.socket.emit("message", Buffer.from("more"));
    expect(bad.read).toEqual([]);
    expect(bad.refused).toHaveLength(1);
    const long = hold(() => {});
    long.socket.emit("message", Buffer.concat([Buffer.from([255, 255, 255]), Buffer.alloc(20_000)]));
    expect(long.read).toEqual([]);
    expect(long.refused).toHaveLength(1);
  });
});
