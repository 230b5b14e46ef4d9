/**
 * Who this window or page is: an Ed25519 key made here, which never leaves the browser's key store, and the connect
 * parameters that it signs. Facts: protocol.md, "Who may connect". Must never keep the shared token anywhere.
 */
import { toSignedText } from "#main/protocol/device-auth.ts";
import type { ConnectParams } from "#main/protocol/frames.ts";
import { OWNER_SCOPES } from "#main/protocol/scopes.ts";
import type { Vault } from "./vault.ts";

/** What proves to the gateway that we may come in. */
export type Credential =
  | { kind: "device"; token: string; scopes: readonly string[] }
  | { kind: "bootstrap"; code: string }
  | { kind: "token"; token: string };

export interface Identity {
  /** Hex SHA-256 of the raw public key. */
  deviceId: string;
  /** base64url without padding. */
  publicKey: string;
  sign(text: string): Promise<string>;
}

export interface ClientFacts {
  id: "gatehouse-desktop" | "gatehouse-web";
  version: string;
  platform: string;
  displayName: string;
  locale: string;
}

function toBase64Url(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * The key of this device, made on the first visit. The private half cannot be exported.
 * Throws where the page is not a secure context: then the browser offers no keys at all.
 */
export async function loadIdentity(vault: Vault): Promise<Identity> {
  if (!globalThis.crypto?.subtle) throw new Error("insecure-context");
  let pair = await vault.get<CryptoKeyPair>("key");
  if (!pair) {
    pair = (await crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"])) as CryptoKeyPair;
    await vault.put("key", pair);
  }
  const raw = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  const { privateKey } = pair;
  return {
    deviceId: toHex(new Uint8Array(await crypto.subtle.digest("SHA-256", raw))),
    publicKey: toBase64Url(raw),
    async sign(text) {
      const signature = await crypto.subtle.sign("Ed25519", privateKey, new TextEncoder().encode(text));
      return toBase64Url(new Uint8Array(signature));
    },
  };
}

function toAuth(credential: Credential): { auth: NonNullable<ConnectParams["auth"]>; secret: string } {
  if (credential.kind === "bootstrap") return { auth: { bootstrapToken: credential.code }, secret: credential.code };
  if (credential.kind === "token") return { auth: { token: credential.token }, secret: credential.token };
  return { auth: { deviceToken: credential.token }, secret: credential.token };
}

/**
 * The parameters of `connect`, signed for one challenge.
 * @param now milliseconds since 1970; the gateway accepts two minutes of difference
 */
export async function toConnectParams(
  identity: Identity,
  credential: Credential,
  client: ClientFacts,
  nonce: string,
  now: number,
): Promise<ConnectParams> {
  // A device asks for what it was given: asking for more would wait for the owner again.
  const scopes = credential.kind === "device" ? [...credential.scopes] : [...OWNER_SCOPES];
  const { auth, secret } = toAuth(credential);
  const { locale, ...facts } = client;
  const text = toSignedText("v3", {
    deviceId: identity.deviceId,
    clientId: client.id,
    clientMode: "ui",
    role: "operator",
    scopes,
    signedAt: now,
    token: secret,
    nonce,
    platform: client.platform,
    deviceFamily: "",
  });
  return {
    minProtocol: 4,
    maxProtocol: 4,
    client: { ...facts, mode: "ui" },
    role: "operator",
    scopes,
    caps: ["tool-events"],
    device: {
      id: identity.deviceId,
      publicKey: identity.publicKey,
      signature: await identity.sign(text),
      signedAt: now,
      nonce,
    },
    auth,
    locale,
  };
}
