/** Signal behind either of its two services, as the suite of channels wants a platform. */
import type { FakePlatform } from "./channel-platform.ts";
import { ANN, BOB, FakeSignalAccount, GROUP, groupOf, OWN_NUMBER } from "./signal-account.ts";
import { startSignalDaemon, type FakeSignalService } from "./signal-cli-daemon.ts";
import { startSignalRestApi } from "./signal-rest-api.ts";

export interface FakeSignalPlatform extends FakePlatform {
  account: FakeSignalAccount;
  service: FakeSignalService;
}

const NONSENSE: readonly unknown[] = [
  null,
  [],
  7,
  { envelope: null },
  { envelope: { dataMessage: { message: "from nobody", timestamp: 1 } } },
  { envelope: { sourceUuid: ANN.id, timestamp: "soon", dataMessage: { message: "x" } } },
  { envelope: { sourceUuid: ANN.id, timestamp: 5, dataMessage: { message: 5, attachments: [{ id: "../etc" }, 7] } } },
  { envelope: { sourceUuid: ANN.id, timestamp: 5, dataMessage: { reaction: { emoji: {} } } } },
  { envelope: { sourceUuid: ANN.id, timestamp: 5, typingMessage: { action: "STARTED" } } },
  { account: OWN_NUMBER, exception: { message: "Unable to decrypt", type: "ProtocolInvalidMessageException" } },
];

export async function startSignalPlatform(kind: "jsonrpc" | "rest"): Promise<FakeSignalPlatform> {
  const account = new FakeSignalAccount();
  const service = await (kind === "jsonrpc" ? startSignalDaemon(account) : startSignalRestApi(account));
  const data = (text: string) => (kind === "jsonrpc" ? `data:${text}\n\n` : text);
  return {
    account,
    service,
    settings: { account: OWN_NUMBER, url: service.url },
    ann: ANN,
    bob: BOB,
    directChat: (person) => person.id,
    group: GROUP,
    write: async (written) => account.write(written),
    repeatLast: async () => account.repeatLast(),
    async writeNonsense() {
      for (const payload of NONSENSE) service.sendRaw(data(JSON.stringify(payload)));
      for (const text of ["", "{", "\u0000", "nothing", '{"envelope":']) service.sendRaw(data(text));
      if (kind === "jsonrpc") service.sendRaw("id\nretry:x\n:\r\n\r\nnonsense\n\n");
    },
    async edit(platformId, text, by) {
      const timestamp = account.now();
      const dataMessage = { timestamp, message: text, ...groupOf("direct") };
      account.hand(by, timestamp, {
        editMessage: { targetSentTimestamp: Number.parseInt(platformId, 10), dataMessage },
      });
    },
    async react(platformId, emoji, by) {
      const timestamp = account.now();
      const [target, author] = platformId.split(":");
      const reaction = { emoji, targetAuthorUuid: author, targetSentTimestamp: Number(target), isRemove: false };
      account.hand(by, timestamp, { dataMessage: { timestamp, message: null, reaction } });
    },
    sent: () => account.sent,
    get sendCalls() {
      return account.sendCalls;
    },
    get downloads() {
      return account.downloads;
    },
    get typings() {
      return account.typings;
    },
    fail: (fault, times) => account.fail(fault, times),
    down: () => service.down(),
    up: () => service.up(),
    async revoke() {
      account.isRevoked = true;
      service.dropListeners();
    },
    get attempts() {
      return service.attempts;
    },
    close: () => service.close(),
  };
}
