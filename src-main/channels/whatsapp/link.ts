/**
 * Keeps one account connected: begins, begins anew after each end, lets go when it must, and links and unlinks. Must
 * never fight over a link that another program uses, and never connect without credentials unless asked to link.
 */
import type { AuthenticationCreds } from "@whiskeysockets/baileys";
import { backoffMs } from "#main/base/backoff.ts";
import type { Disposable } from "#main/base/disposable.ts";
import { messageOf } from "#main/base/errors.ts";
import { ChannelError, type ChannelContext } from "../contract.ts";
import type { Account } from "./account.ts";
import { NOT_LINKED, toEnding, type Ending } from "./failures.ts";
import { bareJid, userOf } from "./jid.ts";
import { isLinked } from "./keyring.ts";
import { openSession, type Session } from "./session.ts";

const PAUSE = { firstMs: 2000, maxMs: 5 * 60_000 };
/** How long a code can be scanned: the first of a link, and those after it. As the client rotates them. */
const FIRST_CODE_MS = 60_000;
const CODE_MS = 20_000;
/** How long unlinking waits for the platform. */
const LOGOUT_MS = 5000;

/** A link that is being made. */
interface Linking {
  /** Digits; absent: by scanning. */
  phone: string | undefined;
  /** Codes shown so far. */
  codes: number;
}

export class Link implements Disposable {
  readonly #account: Account;
  readonly #context: ChannelContext;
  #session: Session | undefined;
  #timer: Disposable | undefined;
  /** Connections that ended since the last one was open. */
  #failures = 0;
  /** The credentials are there but count no more. */
  #isUnlinked = false;
  #isDisposed = false;

  constructor(account: Account) {
    this.#account = account;
    this.#context = account.context;
  }

  /** Connects when there are credentials. */
  begin(): void {
    const { creds } = this.#account.keyring;
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
    const { keyring, lane } = this.#account;
    if (keyring.creds && !this.#isUnlinked) {
      if (this.#session?.isOpen === true) this.#context.login({ type: "linked", ...numberOf(keyring.creds) });
      else if (this.#session === undefined) this.#connect(keyring.creds);
      return;
    }
    this.#stop();
    await lane.idle();
    const made = await keyring.begin();
    if (!this.#isDisposed) this.#connect(made, { phone: digits, codes: 0 });
  }

  /** Takes this device off the phone's list, if the platform can be reached, and forgets the credentials. */
  async logout(): Promise<void> {
    const { keyring, lane } = this.#account;
    if (this.#session?.isOpen === true) await this.#tellPhone(this.#session);
    this.#stop();
    this.#isUnlinked = false;
    await lane.idle();
    await keyring.forget();
    if (!this.#isDisposed) this.#context.setStatus({ state: "disconnected", reason: NOT_LINKED });
  }

  async dispose(): Promise<void> {
    this.#isDisposed = true;
    this.#stop();
    await this.#account.lane.idle();
    await this.#account.keyring.saved().catch(() => {});
  }

  async #tellPhone({ sock }: Session): Promise<void> {
    const device = { jid: sock.user?.id ?? "", reason: "user_initiated" };
    const content = [{ tag: "remove-companion-device", attrs: device }];
    try {
      await sock.query({ tag: "iq", attrs: { to: "s.whatsapp.net", type: "set", xmlns: "md" }, content }, LOGOUT_MS);
    } catch (error) {
      this.#context.log.warn("WhatsApp did not confirm the unlinking", { reason: messageOf(error) });
    }
  }

  #stop(): void {
    void this.#timer?.dispose();
    const session = this.#session;
    // What is told by any other than the present one is of no account.
    this.#session = undefined;
    session?.end();
  }

  #connect(creds: AuthenticationCreds, linking?: Linking): void {
    this.#stop();
    const reason = isLinked(creds) ? "Connecting to WhatsApp." : NOT_LINKED;
    this.#context.setStatus({ state: "connecting", reason });
    try {
      const session = openSession({
        ...this.#account,
        creds,
        onQr: (qr) => linking && this.#showCode(session, linking, qr),
        onOpen: () => {
          this.#failures = 0;
          this.#context.setStatus({ state: "connected", ...numberOf(creds) });
          if (linking) this.#context.login({ type: "linked", ...numberOf(creds) });
        },
        onEnd: (error) => {
          if (this.#session === session) this.#onEnd(toEnding(error), creds, linking);
        },
      });
      this.#session = session;
    } catch (error) {
      this.#onEnd(toEnding(error), creds, linking);
    }
  }

  #showCode(session: Session, linking: Linking, qr: string): void {
    linking.codes += 1;
    if (linking.phone === undefined) {
      const lifetime = linking.codes === 1 ? FIRST_CODE_MS : CODE_MS;
      this.#context.login({ type: "qr", qr, expiresAtMs: this.#context.clock.now() + lifetime });
    } else if (linking.codes === 1) {
      session.sock.requestPairingCode(linking.phone).then(
        (code) => this.#session === session && this.#context.login({ type: "code", code }),
        (error: unknown) => session.end(error),
      );
    }
  }

  #onEnd({ state, reason, next }: Ending, creds: AuthenticationCreds, linking: Linking | undefined): void {
    this.#session = undefined;
    if (linking && !isLinked(creds)) {
      const isTimeout = next === "later" && state === "disconnected" && linking.codes > 0;
      const why = isTimeout ? "The code was not used in time. Ask for a new one." : reason;
      this.#context.login({ type: "failed", reason: why });
      this.#context.setStatus({ state, reason: state === "error" ? reason : NOT_LINKED });
      return;
    }
    this.#failures += 1;
    this.#isUnlinked = next === "relink";
    this.#context.setStatus({ state, reason });
    if (next === "stop" || next === "relink") return;
    const isAtOnce = next === "now" && this.#failures < 3;
    const wait = isAtOnce ? 0 : backoffMs(this.#failures, PAUSE, () => this.#context.random());
    this.#timer = this.#context.clock.after(wait, () => this.#connect(creds, linking));
  }
}

function numberOf({ me }: AuthenticationCreds): { identity?: string } {
  const jid = bareJid(me?.id);
  return jid === undefined ? {} : { identity: `+${userOf(jid)}` };
}
