/**
 * Commands that go on after the call that started them: a number for each, seen only by the session it belongs to. The
 * runner owns the processes; here is only the way back to them.
 */
import type { BackgroundCommand } from "#main/base/command.ts";
import { refuse } from "#main/base/errors.ts";

/** Commands of one session that are kept, running or not. */
const MAX_KEPT = 16;

interface Kept {
  command: BackgroundCommand;
  text: string;
}

/** The commands of all sessions. */
export class BackgroundTable {
  readonly #sessions = new Map<string, Map<string, Kept>>();
  #next = 1;

  /** Throws Refused when the session has too many that still run. */
  checkRoom(session: string): void {
    const kept = this.#sessions.get(session);
    if (kept === undefined || kept.size < MAX_KEPT) return;
    const hint = "Look at finished ones with bash_output, or end one with bash_kill.";
    throw refuse(`${MAX_KEPT} commands are in the background of this session. ${hint}`);
  }

  /** Keeps a command and gives its id, like `bg3`. */
  add(session: string, command: BackgroundCommand, text: string): string {
    const id = `bg${this.#next++}`;
    const kept = this.#sessions.get(session) ?? new Map<string, Kept>();
    kept.set(id, { command, text });
    this.#sessions.set(session, kept);
    return id;
  }

  /** Throws Refused, with the ids there are, when the session has no such command. */
  find(session: string, id: string): Kept {
    const kept = this.#sessions.get(session);
    const found = kept?.get(id);
    if (found !== undefined) return found;
    const ids = [...(kept?.keys() ?? [])].join(", ");
    throw refuse(`There is no background command '${id}' here. There are: ${ids || "none"}.`);
  }

  forget(session: string, id: string): void {
    const kept = this.#sessions.get(session);
    kept?.delete(id);
    if (kept?.size === 0) this.#sessions.delete(session);
  }
}
