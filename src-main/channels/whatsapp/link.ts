/**
 * Keeps one account connected: begins, begins anew after each end, lets go when it must, and links and unlinks. Must
 * never fight over a link that another program uses, and never connect without credentials unless asked to link.
 */
import { backoffMs } from "#main/base/backoff.ts";
import type { Disposable } from "#main/base/disposable.ts";
import { Lane } from "#main/base/lane.ts";
import { ChannelError, type ChannelContext } from "../contract.ts";
import { NOT_LINKED, toEnding, type Ending } from "./failures.ts";
import { bareJid, userOf } from "./jid.ts";
import { createKeyring, isLinked } from "./keyring.ts";
import { messageOf } from "#main/base/errors.ts";
import type { Library } from "./library.ts";
import type { RecentMessages } from "./recent.ts";
import { openSession, type Session, type SessionOptions } from "./session.ts";

const PAUSE = { firstMs: 2000, maxMs: 5 * 60_000 };
/** How long a code can be scanned: the first of a link, and those after it. As the client and the phone have it. */
const FIRST_CODE_MS = 60_000;
const CODE_MS = 20_000;
/** How long unlinking waits for the platform. */
const LOGOUT_MS = 5000;
const OFFLINE = "Not connected to WhatsApp.";

export interface LinkOptions {
  library: Library;
  context: ChannelContext;
  recent: RecentMessages;
  webSocketUrl: string | undefined;
  rootKey: Uint8Array;
}

export interface Link extends Disposable {
  /** See `DeliveryOptions.lane`. */
  lane: Lane;
  /** The open connection. Throws ChannelError `offline`. */
  session(): Session;
  login(options: { phone?: string }): Promise<void>;
  logout(): Promise<void>;
}

/** What is going on besides being connected. */
interface Linking {
  phone: string | undefined;
  codes: number;
}

export function createLink(options: LinkOptions): Link {
  const { library, context } = options;
  const lane = new Lane();
  const keyring = createKeyring(library, context.vault, context.log);
  let current: Session | undefined;
  let timer: Disposable | undefined;
  let failures = 0;
  let isDisposed = false;
  /** The credentials are there but count no more. */
  let isUnlinked = false;

  const stop = () => {
    void timer?.dispose();
    timer = undefined;
    current?.end();
    current = undefined;
  };
  const connect = (creds: SessionOptions["creds"], linking?: Linking) => {
    const reason = isLinked(creds) ? "Connecting to WhatsApp." : NOT_LINKED;
    context.setStatus({ state: "connecting", reason });
    const session = openSession({
      ...options,
      creds,
      keyring,
      lane,
      onQr: (qr) => linking && onCode(session, linking, qr),
      onOpen() {
        failures = 0;
        const identity = numberOf(creds);
        context.setStatus({ state: "connected", ...identity });
        if (linking) context.login({ type: "linked", ...identity });
      },
      onEnd(error) {
        current = undefined;
        onEnd(toEnding(error), creds, linking);
      },
    });
    current = session;
  };
  const onCode = (session: Session, linking: Linking, qr: string) => {
    linking.codes += 1;
    if (linking.phone === undefined) {
      const lifetime = linking.codes === 1 ? FIRST_CODE_MS : CODE_MS;
      context.login({ type: "qr", qr, expiresAtMs: context.clock.now() + lifetime });
    } else if (linking.codes === 1) {
      session.sock.requestPairingCode(linking.phone).then(
        (code) => current === session && context.login({ type: "code", code }),
        (error: unknown) => current === session && context.login({ type: "failed", reason: messageOf(error) }),
      );
    }
  };
  const onEnd = (ending: Ending, creds: SessionOptions["creds"], linking: Linking | undefined) => {
    if (linking && !isLinked(creds)) {
      const isTimeout = ending.next === "later" && ending.state === "disconnected" && linking.codes > 0;
      const reason = isTimeout ? "The code was not used in time. Ask for a new one." : ending.reason;
      context.login({ type: "failed", reason });
      return context.setStatus({ state: ending.state, reason: ending.state === "error" ? reason : NOT_LINKED });
    }
    failures += 1;
    isUnlinked = ending.isUnlinked === true;
    context.setStatus({ state: ending.state, reason: ending.reason });
    if (ending.next === "stop") return undefined;
    const isAtOnce = ending.next === "now" && failures < 3;
    const wait = isAtOnce ? 0 : backoffMs(failures, PAUSE, () => context.random());
    timer = context.clock.after(wait, () => connect(creds, linking));
    return undefined;
  };
  const unlink = async () => {
    const session = current;
    stop();
    if (session?.isOpen === true) context.log.info("unlinked from WhatsApp");
    isUnlinked = false;
    await lane.idle();
    await keyring.forget();
  };

  context.setStatus({ state: "connecting", reason: "Looking for the link." });
  if (keyring.creds) connect(keyring.creds);
  else context.setStatus({ state: "disconnected", reason: NOT_LINKED });

  return {
    lane,
    session() {
      if (isDisposed || current?.isOpen !== true) throw new ChannelError("offline", OFFLINE);
      return current;
    },
    async login({ phone }) {
      if (isDisposed) throw new ChannelError("offline", "The channel was switched off.");
      const digits = phone?.replace(/\D/g, "");
      if (digits !== undefined && !/^[1-9]\d{6,14}$/.test(digits)) {
        throw new ChannelError(
          "rejected",
          "Give the phone number with its country code, for example +49 151 23456789.",
        );
      }
      if (keyring.creds && !isUnlinked) {
        if (current?.isOpen === true) context.login({ type: "linked", ...numberOf(keyring.creds) });
        else if (current === undefined) {
          stop();
          connect(keyring.creds);
        }
        return;
      }
      stop();
      await lane.idle();
      const creds = await keyring.begin();
      if (!isDisposed) connect(creds, { phone: digits, codes: 0 });
    },
    async logout() {
      const session = current;
      if (session?.isOpen === true) await tellPhone(session, context);
      await unlink();
      if (!isDisposed) context.setStatus({ state: "disconnected", reason: NOT_LINKED });
    },
    async dispose() {
      isDisposed = true;
      stop();
      await lane.idle();
      await keyring.saved().catch(() => {});
    },
  };
}

/** Takes this device off the phone's list; without an answer it stays there, and does no harm. */
async function tellPhone(session: Session, context: ChannelContext): Promise<void> {
  const { promise: timeout, resolve } = Promise.withResolvers<void>();
  const timer = context.clock.after(LOGOUT_MS, resolve);
  const node = { to: "s.whatsapp.net", type: "set", xmlns: "md" };
  const content = [
    { tag: "remove-companion-device", attrs: { jid: session.sock.user?.id ?? "", reason: "user_initiated" } },
  ];
  const asked = session.sock.query({ tag: "iq", attrs: node, content }).then(
    () => {},
    (error: unknown) => context.log.warn("WhatsApp did not confirm the unlinking", { reason: messageOf(error) }),
  );
  const ended = new Promise<void>((done) => session.closed.addEventListener("abort", () => done(), { once: true }));
  await Promise.race([asked, ended, timeout]);
  void timer.dispose();
}

function numberOf(creds: SessionOptions["creds"]): { identity?: string } {
  const jid = bareJid(creds.me?.id);
  return jid === undefined ? {} : { identity: `+${userOf(jid)}` };
}
