/**
 * The close button: what it does by system and by choice, and the question of the first close. On macOS closing hides;
 * elsewhere the person is asked once, and where no tray could bring the window back it is never hidden.
 */
import type { Clock } from "#main/base/clock.ts";
import type { WindowState } from "./window-state.ts";

export type CloseDecision = "hide" | "quit" | "ask-in-window" | "ask-natively";

/**
 * @param hasTrayHost something shows the tray icon
 * @param behaviour what the person chose, if they did
 * @param canAsk the page is loaded and can show the question
 * @param wasAsked the page was asked already and has not answered: it may be stuck
 */
export function decideClose(facts: {
  platform: NodeJS.Platform;
  hasTrayHost: boolean;
  behaviour: WindowState["closeBehaviour"];
  canAsk: boolean;
  wasAsked: boolean;
}): CloseDecision {
  if (facts.platform === "darwin") return "hide";
  if (!facts.hasTrayHost || facts.behaviour === "quit") return "quit";
  if (facts.behaviour === "tray") return "hide";
  return facts.canAsk && !facts.wasAsked ? "ask-in-window" : "ask-natively";
}

/** Pressed again so soon without an answer: the page may be stuck. Not sooner, for that is a double click. */
const STUCK_AFTER_MS = 1500;
const STUCK_WITHIN_MS = 10_000;
/** A question unanswered for so long counts as withdrawn. */
const ANSWER_WITHIN_MS = 120_000;

export interface CloseButtonOptions {
  platform: NodeJS.Platform;
  clock: Pick<Clock, "monotonic">;
  hasTrayHost(): Promise<boolean>;
  behaviour(): WindowState["closeBehaviour"];
  remember(behaviour: "tray" | "quit"): void;
  /** The page is loaded and can show the question. */
  canAsk(): boolean;
  /** Has the page ask; its answer comes to `answer`. */
  askInWindow(): void;
  /** Asks with the system's dialog; undefined: the person thought better of it. */
  askNatively(): Promise<"tray" | "quit" | undefined>;
  hide(): void;
  quit(): void;
}

export interface CloseButton {
  /** It was pressed. */
  press(): Promise<void>;
  /** The choice made in the window: to the question, or in the settings. */
  answer(behaviour: "tray" | "quit"): void;
}

export function createCloseButton(options: CloseButtonOptions): CloseButton {
  let isBusy = false;
  let askedAt: number | undefined;
  const msSinceAsked = () => (askedAt === undefined ? Infinity : options.clock.monotonic() - askedAt);
  const answer = (behaviour: "tray" | "quit") => {
    options.remember(behaviour);
    const wasAsked = msSinceAsked() < ANSWER_WITHIN_MS;
    askedAt = undefined;
    if (!wasAsked) return;
    if (behaviour === "tray") options.hide();
    else options.quit();
  };
  const decideAndDo = async () => {
    const since = msSinceAsked();
    const decision = decideClose({
      platform: options.platform,
      hasTrayHost: await options.hasTrayHost(),
      behaviour: options.behaviour(),
      canAsk: options.canAsk(),
      wasAsked: since > STUCK_AFTER_MS && since < STUCK_WITHIN_MS,
    });
    if (decision === "hide") return options.hide();
    if (decision === "quit") return options.quit();
    if (since > STUCK_AFTER_MS) askedAt = options.clock.monotonic();
    if (decision === "ask-in-window") return options.askInWindow();
    const chosen = await options.askNatively();
    if (chosen === undefined) askedAt = undefined;
    else answer(chosen);
  };
  return {
    answer,
    async press() {
      if (isBusy) return;
      isBusy = true;
      try {
        await decideAndDo();
      } finally {
        isBusy = false;
      }
    },
  };
}
