/** The list of channels: a line each. Only the assembly reads it. */
import type { AnyChannel } from "./contract.ts";
import { discord } from "./discord/discord.ts";
import { imessage } from "./imessage/imessage.ts";
import { signal } from "./signal/signal.ts";
import { slack } from "./slack/slack.ts";
import { telegram } from "./telegram/telegram.ts";
import { twilio } from "./twilio/twilio.ts";
import { whatsapp } from "./whatsapp/whatsapp.ts";

export const CHANNELS: readonly AnyChannel[] = [telegram, whatsapp, discord, slack, signal, imessage, twilio];
