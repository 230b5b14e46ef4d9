/** The finished rooms behind chat platforms, as the assembly hands them over. */
import type { ChannelSupervisor } from "#main/channels/supervisor.ts";
import type { ChatPeople } from "#main/identity/chat-people.ts";
import type { Arrivals } from "#main/routing/arrivals.ts";
import type { AnswerCommand } from "#main/routing/commands.ts";
import type { ByHand } from "#main/routing/outgoing/by-hand.ts";
import type { Outbox } from "#main/routing/outgoing/outbox.ts";

export interface ChannelRooms {
  channels: ChannelSupervisor;
  outbox: Outbox;
  people: ChatPeople;
  arrivals: Arrivals;
  byHand: ByHand;
  answerCommand: AnswerCommand;
}
