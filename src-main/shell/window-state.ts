/**
 * What the window remembers between starts, in `<stateDir>/window.json`: place, zoom, theme, what closing does. Read
 * once and checked field by field, for it may be damaged or from another screen. Holds no secret and no address of a page.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import Type, { type Static, type TSchema } from "typebox";
import { Check } from "typebox/value";
import type { Clock } from "#main/base/clock.ts";
import type { Disposable } from "#main/base/disposable.ts";

const whole = (minimum: number, maximum: number) => Type.Integer({ minimum, maximum });

/** Pixels of the screen, independent of its scale. */
const Bounds = Type.Object({
  x: whole(-100_000, 100_000),
  y: whole(-100_000, 100_000),
  width: whole(1, 100_000),
  height: whole(1, 100_000),
});
export type Bounds = Static<typeof Bounds>;

const FIELDS = {
  bounds: Bounds,
  maximised: Type.Boolean(),
  zoom: Type.Number({ minimum: 0.5, maximum: 3 }),
  theme: Type.Union([Type.Literal("light"), Type.Literal("dark"), Type.Literal("system")]),
  closeBehaviour: Type.Union([Type.Literal("tray"), Type.Literal("quit")]),
  /** Linux: an approval brings the window to the front. Off unless someone writes it here: it takes the keyboard. */
  raiseForApprovals: Type.Boolean(),
  /** Where the gateway was last time: a good guess for the policy of a page that is shown before the gateway is up. */
  gatewayOrigin: Type.String({ pattern: "^http://(127\\.0\\.0\\.1|\\[::1\\]|localhost):[0-9]{1,5}$" }),
} as const satisfies Record<string, TSchema>;

export type WindowState = { [F in keyof typeof FIELDS]?: Static<(typeof FIELDS)[F]> };

/** Keeps the fields that fit and drops the rest, so that one bad field does not lose the others. */
export function parseWindowState(text: string): WindowState {
  let tree: unknown;
  try {
    tree = JSON.parse(text);
  } catch {
    return {};
  }
  if (typeof tree !== "object" || tree === null) return {};
  const fields = Object.entries(tree).filter(([name, value]) => {
    const schema = Object.hasOwn(FIELDS, name) ? FIELDS[name as keyof typeof FIELDS] : undefined;
    return schema !== undefined && Check(schema, value);
  });
  return Object.fromEntries(fields) as WindowState;
}

const DEFAULT_SIZE = { width: 1200, height: 800 };
export const SMALLEST_SIZE = { width: 420, height: 480 };
/** So much of the title bar must lie on a screen to be grabbed. */
const GRAB = { width: 120, height: 32 };

/**
 * Where to open the window: where it was when a screen still shows its title bar there, else in the middle of the first.
 * @param screens work areas of the screens, the primary one first; never empty
 */
export function toOpeningBounds(saved: Bounds | undefined, screens: readonly Bounds[]): Bounds {
  const primary = screens[0] ?? { x: 0, y: 0, ...DEFAULT_SIZE };
  const home = saved && screens.find((screen) => showsTitleBar(saved, screen));
  if (saved && home) {
    const width = clamp(saved.width, SMALLEST_SIZE.width, home.width);
    return { x: saved.x, y: saved.y, width, height: clamp(saved.height, SMALLEST_SIZE.height, home.height) };
  }
  const width = Math.min(DEFAULT_SIZE.width, primary.width);
  const height = Math.min(DEFAULT_SIZE.height, primary.height);
  const x = primary.x + Math.round((primary.width - width) / 2);
  return { x, y: primary.y + Math.round((primary.height - height) / 2), width, height };
}

function showsTitleBar(bounds: Bounds, screen: Bounds): boolean {
  const shared = Math.min(bounds.x + bounds.width, screen.x + screen.width) - Math.max(bounds.x, screen.x);
  return shared >= GRAB.width && bounds.y >= screen.y && bounds.y + GRAB.height <= screen.y + screen.height;
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), Math.max(least, most));
}

const SAVE_AFTER_MS = 500;

/** The remembered state in memory, written a moment after the last change. */
export class WindowStateStore implements Disposable {
  readonly #path: string;
  readonly #clock: Pick<Clock, "after">;
  readonly #onError: (error: unknown) => void;
  #state: WindowState;
  #pending: Disposable | undefined;

  /** @param path of `window.json`; read here, once. A missing or damaged file counts as empty */
  constructor(path: string, clock: Pick<Clock, "after">, onError: (error: unknown) => void) {
    this.#path = path;
    this.#clock = clock;
    this.#onError = onError;
    this.#state = parseWindowState(readText(path));
  }

  get state(): Readonly<WindowState> {
    return this.#state;
  }

  update(change: WindowState): void {
    this.#state = { ...this.#state, ...change };
    this.#pending ??= this.#clock.after(SAVE_AFTER_MS, () => this.#save());
  }

  /** Writes what is not yet written. */
  dispose(): void {
    if (this.#pending) this.#save();
  }

  /** Aside and then over the old one: a crash leaves a whole file. A failure costs only the memory of the window. */
  #save(): void {
    void this.#pending?.dispose();
    this.#pending = undefined;
    try {
      mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
      writeFileSync(`${this.#path}.new`, JSON.stringify(this.#state, undefined, 2) + "\n", { mode: 0o600 });
      renameSync(`${this.#path}.new`, this.#path);
    } catch (error) {
      this.#onError(error);
    }
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
