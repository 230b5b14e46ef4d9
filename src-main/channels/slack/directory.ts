/** Names of people, which Slack's events do not carry. For display only: no name is worth holding a message up. */
import { sleep } from "#main/base/clock.ts";
import type { Sender } from "../contract.ts";
import { toObject, toText } from "./inbound.ts";
import type { Context, SlackApi } from "./web-api.ts";

/** Milliseconds that a message waits for the name of its sender. */
const LIMIT_MS = 1500;

/** @returns gives a sender the name that Slack tells in time, if any. Never rejects */
export function createNaming(api: SlackApi, { clock }: Context, stop: AbortSignal) {
  const names = new Map<string, Promise<string | undefined>>();

  const ask = async (user: string): Promise<string | undefined> => {
    try {
      const { profile, name } = toObject((await api.call("users.info", { user }))["user"]);
      const { display_name: display, real_name: real } = toObject(profile);
      return toText(display) ?? toText(real) ?? toText(name);
    } catch {
      names.delete(user);
      return undefined;
    }
  };

  return async (sender: Sender): Promise<Sender> => {
    if (sender.name !== undefined || !/^[UW]/.test(sender.id)) return sender;
    const known = names.get(sender.id) ?? ask(sender.id);
    names.set(sender.id, known);
    const late = sleep(clock, LIMIT_MS, stop).catch(() => {});
    const name = await Promise.race([known, late]);
    return name === undefined ? sender : { ...sender, name };
  };
}
