/** A gateway with one channel on the fake of its platform, and what tests of the pipeline ask of both. */
import { onTestFinished } from "vitest";
import type { MethodName, MethodParams, MethodResult } from "#main/protocol/methods/index.ts";
import { until } from "#test/fakes/channel-context.ts";
import type { FakePlatform } from "#test/fakes/channel-platform.ts";
import { startTestGateway, type TestGateway } from "#test/fakes/gateway.ts";
import { startTelegram, type FakeTelegram } from "#test/fakes/telegram-platform.ts";

export interface ChannelWorld {
  platform: FakeTelegram;
  gateway: TestGateway;
  /** Calls a method as the owner. */
  call<N extends MethodName>(method: N, params: MethodParams<N>): Promise<MethodResult<N>>;
  /** Texts that went to a chat, oldest first. */
  textsTo(chatId: string): string[];
  /** Resolves when the channel is connected. */
  connected(): Promise<void>;
}

const connectedTo = async (call: ChannelWorld["call"], channel: string): Promise<void> => {
  const look = async () => {
    const { channels } = await call("channels.status", {});
    return channels[channel]?.state === "connected";
  };
  let isUp = await look();
  await until("the channel is connected", () => {
    if (!isUp) void look().then((now) => (isUp = now));
    return isUp;
  });
};

/** @param rules of the channel beside what points it to the fake */
export async function startWorld(
  rules: Record<string, unknown> = {},
  config: Record<string, Record<string, unknown>> = {},
): Promise<ChannelWorld> {
  const platform = await startTelegram();
  onTestFinished(() => platform.close());
  const telegram = { ...platform.settings, ...rules };
  const gateway = await startTestGateway({ config: { ...config, channels: { telegram, ...config["channels"] } } });
  onTestFinished(() => gateway.dispose());
  const client = await gateway.connect();
  const call = <N extends MethodName>(method: N, params: MethodParams<N>) =>
    client.call(method, params) as Promise<MethodResult<N>>;
  const connected = () => connectedTo(call, "telegram");
  await connected();
  const textsTo = (chatId: string) =>
    platform.sent().flatMap((message) => (message.chatId === chatId ? [message.text] : []));
  return { platform, gateway, call, textsTo, connected };
}

/** Updates that the channel has confirmed: they are written down. The fake numbers them from here. */
const FIRST_UPDATE = 7001;

/** Resolves when so many updates were confirmed since the start. */
export async function confirmed(platform: FakeTelegram, count: number): Promise<void> {
  const offsets = () =>
    platform.api.calls.map(({ method, fields }) => (method === "getUpdates" ? Number(fields["offset"] ?? 0) : 0));
  await until(`${count} updates are confirmed`, () => Math.max(0, ...offsets()) >= FIRST_UPDATE + count);
}

/** Resolves when so many messages were sent to a chat. */
export async function sentTo(platform: FakePlatform, chatId: string, count: number): Promise<string[]> {
  const found = () => platform.sent().filter((message) => message.chatId === chatId);
  await until(`${count} messages to ${chatId}`, () => found().length >= count);
  return found().map(({ text }) => text);
}
