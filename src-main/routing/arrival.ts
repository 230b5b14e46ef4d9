/** A message of a platform on its way to a run. Types only. */
import type { InboundMessage } from "#main/channels/contract.ts";

/** A message that was let in. */
export interface Arrival {
  /** Its row in the inbox. */
  seq: number;
  channel: string;
  account: string;
  message: InboundMessage;
  isOwner: boolean;
  /** It waited when the process ended: it is answered, however many there are. */
  isRecovered?: boolean;
}
