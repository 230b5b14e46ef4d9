/**
 * Signal as one account of it is seen by signal-cli, for the fakes of both services: people, what they write, what the
 * account sent, and what Signal answers. Speaks no wire format: the services do.
 */
import type { Person, PlatformFault, PlatformMessage, Written } from "./channel-platform.ts";

export const OWN_NUMBER = "+491700000001";
export const OWN_ACI = "0ac1f1ce-0000-4000-8000-000000000001";
export const GROUP = "Pmpi+EfPWmsxiomLe9Nx2XF9HOE483p6iKiFj65iMwI=";

export const ANN: Person = { id: "a11ce000-0000-4000-8000-00000000000a", name: "Ann" };
export const BOB: Person = { id: "b0b00000-0000-4000-8000-00000000000b", name: "Bob" };

const MIME = { image: "image/png", voice: "audio/aac", document: "application/pdf" } as const;

/** What a service was asked to send, as far as Signal sees it. */
export interface SignalSend {
  recipient?: string;
  groupId?: string;
  message: string;
  /** `start:length:STYLE`. */
  textStyles: readonly string[];
  /** Data URI. */
  attachment?: string;
  quoteTimestamp?: number;
  quoteAuthor?: string;
}

export interface SignalReaction {
  emoji: string;
  targetAuthor: string;
  targetTimestamp: number;
  remove: boolean;
}

export class FakeSignalAccount {
  readonly sent: PlatformMessage[] = [];
  readonly reactions: SignalReaction[] = [];
  readonly attachments = new Map<string, Uint8Array>();
  sendCalls = 0;
  downloads = 0;
  typings = 0;
  isRevoked = false;
  readonly #faults: PlatformFault[] = [];
  readonly #words: { code: number; words: string }[] = [];
  #last: unknown;
  #lastTimestamp = 0;
  #deliver: (payload: unknown) => void = () => {};

  /** Where what comes in goes: the service that holds the account. */
  onReceive(deliver: (payload: unknown) => void): void {
    this.#deliver = deliver;
  }

  fail(fault: PlatformFault, times = 1): void {
    this.#faults.push(...Array.from({ length: times }, () => fault));
  }

  takeFault(): PlatformFault | undefined {
    return this.#faults.shift();
  }

  /** Makes the next send fail with an exception of signal-cli: its code in JSON-RPC, and its words. */
  refuse(code: number, words: string): void {
    this.#words.push({ code, words });
  }

  takeWords(): { code: number; words: string } | undefined {
    return this.#words.shift();
  }

  /** Each message has a time of its own. */
  now(): number {
    this.#lastTimestamp = Math.max(this.#lastTimestamp + 1, Date.now());
    return this.#lastTimestamp;
  }

  /** Takes a message of ours. @returns its timestamp */
  accept(send: SignalSend): number {
    const timestamp = this.now();
    const text = send.message + (send.textStyles.length === 0 ? "" : ` ⟦${send.textStyles.join(" ")}⟧`);
    const media = send.attachment === undefined ? undefined : fromDataUri(send.attachment);
    this.sent.push({
      platformId: `${timestamp}:${OWN_ACI}`,
      chatId: send.groupId ?? send.recipient ?? "",
      text,
      edits: 0,
      ...(send.quoteTimestamp === undefined ? {} : { replyTo: `${send.quoteTimestamp}:${send.quoteAuthor}` }),
      ...(media === undefined ? {} : { media }),
    });
    return timestamp;
  }

  write(written: Written): string {
    const from = written.from ?? ANN;
    const timestamp = this.now();
    const attachment = this.#attach(timestamp, written.media);
    const [quoted, author] = written.replyTo?.split(":") ?? [];
    const mention = { name: OWN_NUMBER, number: null, uuid: OWN_ACI, start: 0, length: 1 };
    this.hand(from, timestamp, {
      dataMessage: {
        timestamp,
        message: written.mentionsBot === true ? `\uFFFC ${written.text ?? ""}` : (written.text ?? null),
        expiresInSeconds: 0,
        viewOnce: false,
        ...(written.mentionsBot === true ? { mentions: [mention] } : {}),
        ...(attachment === undefined ? {} : { attachments: [attachment] }),
        ...(quoted === undefined
          ? {}
          : {
              quote: { id: Number(quoted), author, authorNumber: null, authorUuid: author, text: "q", attachments: [] },
            }),
        ...groupOf(written.where),
      },
    });
    return `${timestamp}:${from.id}`;
  }

  /** Hands out an envelope of a person with these parts. */
  hand(from: Person, timestamp: number, parts: Record<string, unknown>): void {
    const number = from.id === ANN.id ? "+491700000002" : null;
    const envelope = {
      source: number ?? from.id,
      sourceNumber: number,
      sourceUuid: from.id,
      sourceName: from.name,
      sourceDevice: 1,
      timestamp,
      serverReceivedTimestamp: timestamp,
      serverDeliveredTimestamp: timestamp,
      ...parts,
    };
    this.receive({ envelope, account: OWN_NUMBER });
  }

  receive(payload: unknown): void {
    this.#last = payload;
    this.#deliver(payload);
  }

  repeatLast(): void {
    this.#deliver(this.#last);
  }

  #attach(timestamp: number, media: Written["media"]) {
    if (media === undefined) return undefined;
    const id = `${timestamp}abc.${media.kind === "image" ? "png" : "bin"}`;
    this.attachments.set(id, media.bytes);
    return { contentType: MIME[media.kind], filename: media.fileName ?? null, id, size: media.bytes.length };
  }
}

export function groupOf(where: Written["where"]): Record<string, unknown> {
  if (where !== "group") return {};
  return { groupInfo: { groupId: GROUP, groupName: "Family", revision: 3, type: "DELIVER" } };
}

function fromDataUri(uri: string): { bytes: Uint8Array; fileName: string; mimeType: string } {
  const [, mimeType = "", fileName = "", base64 = ""] = /^data:([^;]+);filename=([^;]+);base64,(.*)$/s.exec(uri) ?? [];
  return { mimeType, fileName, bytes: Buffer.from(base64, "base64") };
}
