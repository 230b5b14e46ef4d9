/**
 * Is there something that shows tray icons? Always on macOS and Windows; on Linux only where a StatusNotifier host
 * runs (GNOME has none by itself), and Electron does not tell. Never hides a window behind an icon that nobody sees.
 */

/** Runs a program and gives its standard output; rejects when it cannot be run, fails, or takes longer than a second. */
export type RunProgram = (file: string, args: readonly string[]) => Promise<string>;

const WATCHER = "org.kde.StatusNotifierWatcher";
const PROPERTY = "IsStatusNotifierHostRegistered";
const GET = "org.freedesktop.DBus.Properties.Get";

/** The same question put to three tools; one of them is on any desktop with a session bus. */
const QUESTIONS: readonly (readonly [string, readonly string[]])[] = [
  [
    "dbus-send",
    [
      "--session",
      "--print-reply",
      `--dest=${WATCHER}`,
      "/StatusNotifierWatcher",
      GET,
      `string:${WATCHER}`,
      `string:${PROPERTY}`,
    ],
  ],
  [
    "gdbus",
    [
      "call",
      "--session",
      "--dest",
      WATCHER,
      "--object-path",
      "/StatusNotifierWatcher",
      "--method",
      GET,
      WATCHER,
      PROPERTY,
    ],
  ],
  ["busctl", ["--user", "get-property", WATCHER, "/StatusNotifierWatcher", WATCHER, PROPERTY]],
];

/**
 * @param env of the process; without a session bus nothing is asked, since asking could start one
 */
export async function hasTrayHost(options: {
  platform: NodeJS.Platform;
  env: Readonly<Record<string, string | undefined>>;
  run: RunProgram;
}): Promise<boolean> {
  if (options.platform !== "linux") return true;
  if (!options.env["DBUS_SESSION_BUS_ADDRESS"]) return false;
  for (const [file, args] of QUESTIONS) {
    try {
      return /\btrue\b/.test(await options.run(file, args));
    } catch (error) {
      if (!isMissingProgram(error)) return false;
    }
  }
  return false;
}

function isMissingProgram(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
