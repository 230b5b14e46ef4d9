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

/** Connects at once, and again whenever the connection is lost. `close` ends it. */
export function createConnection(options: ConnectionOptions): Connection {
  let typed: Credential | undefined = options.code ? { kind: "bootstrap", code: options.code } : undefined;
  let used: Credential["kind"] = "device";
  let closed = false;
  let poll: ReturnType<typeof setTimeout> | undefined;
  let vault: Promise<Vault> | undefined;
  const getVault = () => (vault ??= options.openVault());

  const choose = async (): Promise<{ url: string; credential: Credential | undefined }> => {
    const store = await getVault();
    const stored = await store.get<StoredToken>("token");
    const kept: Credential | undefined = stored ? { kind: "device", ...stored } : undefined;
    if (!options.bridge) return { url: options.pageUrl, credential: typed ?? kept };
    const needsCode = !kept && !typed;
    const address = await options.bridge.call("gateway.address", { needsCode });
    const code = address.bootstrapCode;
    return { url: address.url, credential: typed ?? kept ?? (code ? { kind: "bootstrap", code } : undefined) };
  };

  let chosen: Credential | undefined;
  const client = new GatewayClient({
    reconnect: true,
    open: options.openSocket,
    async url() {
      const { url, credential } = await choose();
      chosen = credential;
      if (!credential) throw new Error("no credential");
      return url;
    },
    async connectParams(nonce) {
      if (!chosen) throw new Error("no credential");
      used = chosen.kind;
      const identity = await loadIdentity(await getVault());
      return toConnectParams(identity, chosen, options.client, nonce, options.now());
    },
    onEvent: (event, payload) => options.onEvent(event, payload),
    onGap: () => options.onGap(),
    onState(state) {
      // Our own `close` is announced too; nobody needs to hear of it.
      if (closed || (state.phase === "disconnected" && state.code === 1000 && state.reason === "closed")) return;
      if (state.phase === "connecting") options.onLink({ phase: "connecting" });
      else if (state.phase === "connected") {
        typed = undefined;
        const { deviceToken: token, scopes } = state.hello.auth;
        if (token) void getVault().then((store) => store.put("token", { token, scopes } satisfies StoredToken));
        options.onLink({ phase: "online", hello: state.hello });
      } else if (state.reason === "no credential") giveUp({ phase: "login", reason: "first-visit" });
      else if (state.reason === "insecure-context") {
        giveUp({ phase: "failed", reason: "insecure", message: "", logTail: [] });
      } else ended(toLink(state, used, options.now()));
    },
  });

  const giveUp = (link: Link) => {
    client.close();
    options.onLink(link);
  };

  const ended = (link: Link) => {
    if (link.phase === "login") {
      // The next attempt must not use the same credential again.
      typed = undefined;
      const forget = used === "device" ? getVault().then((store) => store.delete("token")) : Promise.resolve();
      void forget.then(() => options.onLink(link));
      return;
    }
    options.onLink(link);
    if (link.phase === "pairing") {
      clearTimeout(poll);
      poll = setTimeout(() => client.start(), PAIRING_POLL_MS);
    }
  };

  const restart = () => {
    clearTimeout(poll);
    client.start();
  };
  client.start();

  return {
    call: (method, params, callOptions) => client.request(method, params, callOptions),
    retryNow: () => client.retryNow(),
    login(token) {
      typed = { kind: "token", token };
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
