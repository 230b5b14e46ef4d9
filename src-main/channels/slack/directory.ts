/** Names of people, which Slack's events do not carry. For display only: no name is worth holding a message up. */
import type { Clock } from "#main/base/clock.ts";
import type { Sender } from "../contract.ts";
import { toObject, toText } from "./inbound.ts";
import type { SlackApi } from "./web-api.ts";

/** Milliseconds that a message waits for the name of its sender. */
const LIMIT_MS = 1500;
/** Names kept; beyond, the oldest goes. */
const MAX_NAMES = 500;

export interface Directory {
  /** The sender with a name, where Slack tells one in time. Never rejects. */
  name(sender: Sender): Promise<Sender>;
}

export function createDirectory(api: SlackApi, clock: Clock): Directory {
  const names = new Map<string, Promise<string | undefined>>();

  const ask = async (user: string): Promise<string | undefined> => {
    try {
      const answer = toObject((await api.call("users.info", { user }))["user"]);
      const { display_name: display, real_name: real } = toObject(answer["profile"]);
      return toText(display) ?? toText(real) ?? toText(answer["name"]);
    } catch {
      names.delete(user);
      return undefined;
    }
  };

  return {
    async name(sender) {
      if (sender.name !== undefined || !/^[UW]/.test(sender.id)) return sender;
      const known = names.get(sender.id) ?? ask(sender.id);
      names.set(sender.id, known);
      if (names.size > MAX_NAMES) names.delete(names.keys().next().value ?? "");
      const late = Promise.withResolvers<undefined>();
      const timer = clock.after(LIMIT_MS, () => late.resolve(undefined));
      const name = await Promise.race([known, late.promise]);
      await timer.dispose();
      return name === undefined ? sender : { ...sender, name };
    },
  };
}
