/**
 * Keeps the window connected: finds the address, chooses the credential, trades codes for a device token, and says in
 * `Link` what a person should see. Must never put a credential in the address bar, in storage other than the vault, or
 * in a message.
 */
import { GatewayClient, type SocketLike } from "#main/protocol/client.ts";
import type { DesktopBridge } from "#main/protocol/desktop.ts";
import type { EventName, EventPayload } from "#main/protocol/events.ts";
import type { MethodName, MethodParams, MethodResult } from "#main/protocol/methods/index.ts";
import { type ClientFacts, type Credential, loadIdentity, toConnectParams } from "./identity.ts";
import { type Link, toLink } from "./link.ts";
import type { Vault } from "./vault.ts";

/** Calls a method of the gateway. Throws GatewayError or ConnectionLost. */
export type Caller = <N extends MethodName>(
  method: N,
  params: MethodParams<N>,
  options?: { timeoutMs?: number },
) => Promise<MethodResult<N>>;

/** Lets work go on by itself: what goes wrong with it is told elsewhere, or is not worth a word. */
export function quietly(work: Promise<unknown>): void {
  void work.catch(() => undefined);
}

export interface ConnectionOptions {
  openVault(): Promise<Vault>;
  client: ClientFacts;
  /** The window's bridge; absent in a browser. */
  bridge: DesktopBridge | undefined;
  /** `ws://host` of the page, for a browser. */
  pageUrl: string;
  /** A one-time code that stood in the address. */
  code: string | undefined;
  openSocket(url: string): SocketLike;
  now(): number;
  onLink(link: Link): void;
  onEvent<N extends EventName>(event: N, payload: EventPayload<N>): void;
  /** Events were missed on a connection that still stands. */
  onGap(): void;
}

export interface Connection {
  call: Caller;
  retryNow(): void;
  /** Tries the gateway's shared token, typed on the login screen. Kept in memory only. */
  login(token: string): void;
  /** On the desktop: asks the app for a new code. */
  loginWithBridge(): void;
  close(): void;
}

/** How often a page that waits for approval asks again. */
const PAIRING_POLL_MS = 3000;

interface StoredToken {
  token: string;
  scopes: string[];
}

const NO_CREDENTIAL = "no credential";

/** The credentials of one window, and which of them the next attempt uses. */
function createPurse(options: ConnectionOptions) {
  let brought: Credential | undefined;
  let chosen: Credential | undefined;
  let vault: Promise<Vault> | undefined;
  const getVault = () => (vault ??= options.openVault());
  return {
    get used(): Credential["kind"] {
      return chosen?.kind ?? "device";
    },
    /** Chooses for the next attempt. Throws "no credential" when there is none: then a person has to log in. */
    async choose() {
      const stored = await (await getVault()).get<StoredToken>("token");
      chosen = brought ?? (stored ? { kind: "device", ...stored } : undefined);
      let url = options.pageUrl;
      if (options.bridge) {
        const address = await options.bridge.call("gateway.address", { needsCode: !chosen });
        url = address.url;
        if (!chosen && address.bootstrapCode) chosen = { kind: "bootstrap", code: address.bootstrapCode };
      }
      if (!chosen) throw new Error(NO_CREDENTIAL);
      return url;
    },
    /** The connect parameters of this attempt. */
    async sign(nonce: string) {
      if (!chosen) throw new Error(NO_CREDENTIAL);
      const identity = await loadIdentity(await getVault());
      return toConnectParams(identity, chosen, options.client, nonce, options.now());
    },
    /** A credential that came from a person or the address, tried before what is kept. */
    bring(credential: Credential | undefined) {
      brought = credential;
    },
    async keep(token: StoredToken) {
      brought = undefined;
      if (token.token) await (await getVault()).put("token", token);
    },
    /** Drops what was refused. */
    async forget() {
      brought = undefined;
      if (chosen?.kind === "device") await (await getVault()).delete("token");
    },
  };
}

/** Connects at once, and again whenever the connection is lost. `close` ends it. */
export function createConnection(options: ConnectionOptions): Connection {
  let closed = false;
  let poll: ReturnType<typeof setTimeout> | undefined;
  const purse = createPurse(options);
  purse.bring(options.code ? { kind: "bootstrap", code: options.code } : undefined);

  const client = new GatewayClient({
    reconnect: true,
    open: options.openSocket,
    url: () => purse.choose(),
    connectParams: (nonce) => purse.sign(nonce),
    onEvent: (event, payload) => options.onEvent(event, payload),
    onGap: () => options.onGap(),
    onState(state) {
      // Our own `close` is announced too; nobody needs to hear of it.
      if (closed || (state.phase === "disconnected" && state.code === 1000 && state.reason === "closed")) return;
      if (state.phase === "connecting") options.onLink({ phase: "connecting" });
      else if (state.phase === "connected") {
        const { deviceToken: token = "", scopes } = state.hello.auth;
        void purse.keep({ token, scopes });
        options.onLink({ phase: "online", hello: state.hello });
      } else if (state.reason === NO_CREDENTIAL) giveUp({ phase: "login", reason: "first-visit" });
      else if (state.reason === "insecure-context") {
        giveUp({ phase: "failed", reason: "insecure", message: "", logTail: [] });
      } else ended(toLink(state, purse.used, options.now()));
    },
  });

  const giveUp = (link: Link) => {
    client.close();
    options.onLink(link);
  };
  const restart = () => {
    clearTimeout(poll);
    client.start();
  };
  const ended = (link: Link) => {
    if (link.phase === "login") void purse.forget().then(() => options.onLink(link));
    else options.onLink(link);
    if (link.phase === "pairing") {
      clearTimeout(poll);
      poll = setTimeout(() => client.start(), PAIRING_POLL_MS);
    }
  };
  client.start();

  return {
    call: (method, params, callOptions) => client.request(method, params, callOptions),
    retryNow: () => client.retryNow(),
    login(token) {
      purse.bring({ kind: "token", token });
      restart();
    },
    loginWithBridge: restart,
    close() {
      closed = true;
      clearTimeout(poll);
      client.close();
    },
  };
}

/** Reads a one-time code from `#code=…` and removes it from the address, so that it is not kept in the history. */
export function takeCode(location: Location, history: History): string | undefined {
  const code = new URLSearchParams(location.hash.replace(/^#/, "")).get("code");
  if (code === null) return undefined;
  history.replaceState(null, "", location.pathname + location.search);
  return code === "" ? undefined : code;
}
