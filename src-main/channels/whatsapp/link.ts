/**
 * Keeps one account connected: begins, begins anew after each end, lets go when it must, and links and unlinks. Must
 * never fight over a link that another program uses, and never connect without credentials unless asked to link.
 */
import type { AuthenticationCreds } from "@whiskeysockets/baileys";
import { backoffMs } from "#main/base/backoff.ts";
import type { Disposable } from "#main/base/disposable.ts";
import { messageOf } from "#main/base/errors.ts";
import { Lane } from "#main/base/lane.ts";
import { ChannelError, type ChannelContext } from "../contract.ts";
import { NOT_LINKED, toEnding, type Ending } from "./failures.ts";
import { bareJid, userOf } from "./jid.ts";
import { createKeyring, isLinked, type Keyring } from "./keyring.ts";
import type { Library } from "./library.ts";
import type { RecentMessages } from "./recent.ts";
import { openSession, type Session } from "./session.ts";

const PAUSE = { firstMs: 2000, maxMs: 5 * 60_000 };
/** How long a code can be scanned: the first of a link, and those after it. As the client rotates them. */
const FIRST_CODE_MS = 60_000;
const CODE_MS = 20_000;
/** How long unlinking waits for the platform. */
const LOGOUT_MS = 5000;

export interface LinkOptions {
  library: Library;
  context: ChannelContext;
  recent: RecentMessages;
  webSocketUrl: string | undefined;
  rootKey: Uint8Array;
}

/** A link that is being made. */
interface Linking {
  /** Digits; absent: by scanning. */
  phone: string | undefined;
  /** Codes shown so far. */
  codes: number;
}

export class Link implements Disposable {
  /** See `DeliveryOptions.lane`. */
  readonly lane = new Lane();
  readonly #options: LinkOptions;
  readonly #context: ChannelContext;
  readonly #keyring: Keyring;
  #session: Session | undefined;
  #timer: Disposable | undefined;
  /** Connections that ended since the last one was open. */
  #failures = 0;
  /** The credentials are there but count no more. */
  #isUnlinked = false;
  #isDisposed = false;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#context = options.context;
    this.#keyring = createKeyring(options.library, options.context.vault, options.context.log);
  }

  /** Connects when there are credentials. */
  begin(): void {
    const { creds } = this.#keyring;
    this.#context.setStatus({ state: "connecting", reason: "Looking for the link." });
    if (creds) this.#connect(creds);
    else this.#context.setStatus({ state: "disconnected", reason: NOT_LINKED });
  }

  /** The open connection. Throws ChannelError `offline`. */
  session(): Session {
    if (this.#session?.isOpen !== true) throw new ChannelError("offline", "Not connected to WhatsApp.");
    return this.#session;
  }

  /** Begins a link, with a number by a code to type; connects when there is one already. Throws ChannelError. */
  async login({ phone }: { phone?: string }): Promise<void> {
    if (this.#isDisposed) throw new ChannelError("offline", "The channel was switched off.");
    const digits = phone?.replace(/\D/g, "");
    if (digits !== undefined && !/^[1-9]\d{6,14}$/.test(digits)) {
      throw new ChannelError("rejected", "Give the phone number with its country code, such as +49 151 23456789.");
    }
    const { creds } = this.#keyring;
    if (creds && !this.#isUnlinked) {
      if (this.#session?.isOpen === true) this.#context.login({ type: "linked", ...numberOf(creds) });
      else if (this.#session === undefined) this.#connect(creds);
      return;
    }
    this.#stop();
    await this.lane.idle();
    const made = await this.#keyring.begin();
    if (!this.#isDisposed) this.#connect(made, { phone: digits, codes: 0 });
  }

  /** Takes this device off the phone's list, if the platform can be reached, and forgets the credentials. */
  async logout(): Promise<void> {
    if (this.#session?.isOpen === true) await tellPhone(this.#session, this.#context);
    this.#stop();
    this.#isUnlinked = false;
    await this.lane.idle();
    await this.#keyring.forget();
    if (!this.#isDisposed) this.#context.setStatus({ state: "disconnected", reason: NOT_LINKED });
  }

  async dispose(): Promise<void> {
    this.#isDisposed = true;
    this.#stop();
    await this.lane.idle();
    await this.#keyring.saved().catch(() => {});
  }

  #stop(): void {
    void this.#timer?.dispose();
    this.#timer = undefined;
    this.#session?.end();
    this.#session = undefined;
  }

  #connect(creds: AuthenticationCreds, linking?: Linking): void {
    this.#stop();
    const reason = isLinked(creds) ? "Connecting to WhatsApp." : NOT_LINKED;
    this.#context.setStatus({ state: "connecting", reason });
    try {
      this.#session = this.#open(creds, linking);
    } catch (error) {
      this.#onEnd(toEnding(error), creds, linking);
    }
  }

  #open(creds: AuthenticationCreds, linking: Linking | undefined): Session {
    const session = openSession({
      ...this.#options,
      creds,
      keyring: this.#keyring,
      lane: this.lane,
      onQr: (qr) => linking && this.#showCode(session, linking, qr),
      onOpen: () => {
        this.#failures = 0;
        this.#context.setStatus({ state: "connected", ...numberOf(creds) });
        if (linking) this.#context.login({ type: "linked", ...numberOf(creds) });
      },
      onEnd: (error) => {
        this.#session = undefined;
        this.#onEnd(toEnding(error), creds, linking);
      },
    });
    return session;
  }

  #showCode(session: Session, linking: Linking, qr: string): void {
    linking.codes += 1;
    if (linking.phone === undefined) {
      const lifetime = linking.codes === 1 ? FIRST_CODE_MS : CODE_MS;
      this.#context.login({ type: "qr", qr, expiresAtMs: this.#context.clock.now() + lifetime });
    } else if (linking.codes === 1) {
      session.sock.requestPairingCode(linking.phone).then(
        (code) => this.#session === session && this.#context.login({ type: "code", code }),
        (error: unknown) => session.fail(error),
      );
    }
  }

  #onEnd(ending: Ending, creds: AuthenticationCreds, linking: Linking | undefined): void {
    if (linking && !isLinked(creds)) {
      const isTimeout = ending.next === "later" && ending.state === "disconnected" && linking.codes > 0;
      const reason = isTimeout ? "The code was not used in time. Ask for a new one." : ending.reason;
      this.#context.login({ type: "failed", reason });
      this.#context.setStatus({ state: ending.state, reason: ending.state === "error" ? reason : NOT_LINKED });
      return;
    }
    this.#failures += 1;
    this.#isUnlinked = ending.isUnlinked === true;
    this.#context.setStatus({ state: ending.state, reason: ending.reason });
    if (ending.next === "stop") return;
    const isAtOnce = ending.next === "now" && this.#failures < 3;
    const wait = isAtOnce ? 0 : backoffMs(this.#failures, PAUSE, () => this.#context.random());
    this.#timer = this.#context.clock.after(wait, () => this.#connect(creds, linking));
  }
}

async function tellPhone(session: Session, context: ChannelContext): Promise<void> {
  const attrs = { to: "s.whatsapp.net", type: "set", xmlns: "md" };
  const device = { jid: session.sock.user?.id ?? "", reason: "user_initiated" };
  const content = [{ tag: "remove-companion-device", attrs: device }];
  const asked = session.sock.query({ tag: "iq", attrs, content }).then(
    () => {},
    (error: unknown) => context.log.warn("WhatsApp did not confirm the unlinking", { reason: messageOf(error) }),
  );
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  session.closed.addEventListener("abort", () => resolve(), { once: true });
  const timer = context.clock.after(LOGOUT_MS, resolve);
  await Promise.race([asked, ended]);
  void timer.dispose();
}

function numberOf({ me }: AuthenticationCreds): { identity?: string } {
  const jid = bareJid(me?.id);
  return jid === undefined ? {} : { identity: `+${userOf(jid)}` };
}
