/**
 * A self-signed certificate for a played site, made when a test needs it, so that no private key is ever kept. DER as in
 * RFC 5280, only as much of it as a client checks.
 */
import { createSign, generateKeyPairSync } from "node:crypto";

const SEQUENCE = 0x30;
const SET = 0x31;
const INTEGER = 0x02;
const BIT_STRING = 0x03;
const OCTET_STRING = 0x04;
const OID = 0x06;
const UTF8 = 0x0c;
const BOOLEAN = 0x01;
const UTC_TIME = 0x17;

const ECDSA_SHA256 = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];
const COMMON_NAME = [0x55, 0x04, 0x03];
const SUBJECT_ALT_NAME = [0x55, 0x1d, 0x11];
const BASIC_CONSTRAINTS = [0x55, 0x1d, 0x13];

function der(tag: number, ...parts: (Uint8Array | readonly number[])[]): Buffer {
  const content = Buffer.concat(parts.map((part) => Buffer.from(part)));
  const length = content.length;
  const head = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...head]), content]);
}

/**
 * @param names DNS names that it is for
 * @param expired true: it ended in 2020
 */
export function createCertificate(names: readonly string[], { expired = false } = {}): { key: string; cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const algorithm = der(SEQUENCE, der(OID, ECDSA_SHA256));
  const name = der(SEQUENCE, der(SET, der(SEQUENCE, der(OID, COMMON_NAME), der(UTF8, Buffer.from(names[0] ?? "")))));
  const [from, to] = expired ? ["190101000000Z", "200101000000Z"] : ["200101000000Z", "491231000000Z"];
  const altNames = der(SEQUENCE, ...names.map((dns) => der(0x82, Buffer.from(dns))));
  const extensions = der(
    0xa3,
    der(
      SEQUENCE,
      der(SEQUENCE, der(OID, SUBJECT_ALT_NAME), der(OCTET_STRING, altNames)),
      der(
        SEQUENCE,
        der(OID, BASIC_CONSTRAINTS),
        der(BOOLEAN, [0xff]),
        der(OCTET_STRING, der(SEQUENCE, der(BOOLEAN, [0xff]))),
      ),
    ),
  );
  const toSign = der(
    SEQUENCE,
    der(0xa0, der(INTEGER, [2])),
    der(INTEGER, [1]),
    algorithm,
    name,
    der(SEQUENCE, der(UTC_TIME, Buffer.from(from)), der(UTC_TIME, Buffer.from(to))),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    extensions,
  );
  const signature = createSign("sha256").update(toSign).sign(privateKey);
  const certificate = der(SEQUENCE, toSign, algorithm, der(BIT_STRING, [0], signature));
  const lines = certificate.toString("base64").match(/.{1,64}/g) ?? [];
  return {
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`,
  };
}
