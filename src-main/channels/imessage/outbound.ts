/**
 * How a message leaves through Messages: a script that never changes, and what it is told. Pure. Text, names and paths are
 * arguments of the script and never become part of it.
 *
 * Facts: the scripting dictionary of Messages; error numbers from Apple's `MacErrors.h`.
 */
import type { CommandResult } from "#main/base/command.ts";
import { PLAIN, renderMarkdown } from "#main/base/text/markup.ts";
import { splitMarkdown } from "#main/base/text/split.ts";
import { ChannelError, type ChannelFailure } from "../contract.ts";

export const MAX_TEXT = 20_000;
/** Messages is still starting, or cannot be started. */
const START_PAUSE_MS = 10_000;

/** One thing to send. `content` is the text, or the absolute path of a file. */
export interface Piece {
  kind: "text" | "file";
  chatGuid: string;
  content: string;
}

/**
 * Sends to the chat; where Messages does not find it (macOS 26 lists some chats by another id than the database), to the
 * person. Nothing was sent when the chat was not found.
 */
export const SCRIPT = `on run argv
  set {theKind, theChat, thePerson, theContent} to argv
  if theKind is "file" then set theContent to POSIX file theContent as alias
  with timeout of 60 seconds
    tell application "Messages"
      try
        send theContent to chat id theChat
      on error theReason number theNumber
        if theNumber is not -1728 or thePerson is "" then error theReason number theNumber
        send theContent to participant thePerson of (1st account whose service type = iMessage)
      end try
    end tell
  end timeout
end run
`;

export const AUTOMATION_HINT =
  "macOS does not let Gatehouse send through Messages. Allow it in System Settings > Privacy & Security > Automation.";
const NOT_STARTED = "Messages is not running and could not be started. Open it on the Mac.";
const NOT_SAID = "Messages did not say whether it has sent the message.";

/** What the numbers of AppleScript's errors mean. All others: rejected. */
const FAILURES: Readonly<Record<string, readonly [ChannelFailure, string]>> = {
  /** errAEEventNotPermitted */
  "-1743": ["auth", AUTOMATION_HINT],
  /** errAETimeout, connectionInvalid */
  "-1712": ["unknown", NOT_SAID],
  "-609": ["unknown", NOT_SAID],
  /** procNotFound, kLSUnknownErr */
  "-600": ["retry", NOT_STARTED],
  "-10810": ["retry", NOT_STARTED],
  /** errAENoSuchObject */
  "-1728": ["rejected", "Messages does not know this chat. Write to it once by hand on the Mac."],
};

/** Arguments for `osascript`. Behind `-`, the script on standard input, nothing is read as an option. */
export function toArguments({ kind, chatGuid, content }: Piece): string[] {
  return ["-l", "AppleScript", "-", kind, chatGuid, toPerson(chatGuid), content];
}

/** The address in the id of a direct iMessage chat (`iMessage;-;+15551234567`, `any;-;…`), else "". */
export function toPerson(chatGuid: string): string {
  return /^(?:iMessage|any);-;(.+)$/s.exec(chatGuid)?.[1] ?? "";
}

/** What a run means that did not end well; undefined when it did. */
export function toFailure({ exitCode, stderr, timedOut }: CommandResult): ChannelError | undefined {
  if (exitCode === 0) return undefined;
  if (timedOut || exitCode === null) return new ChannelError("unknown", "Messages did not answer in time.");
  const said = stderr.trim().split("\n").at(-1)?.slice(0, 200) || `exit code ${exitCode}`;
  const [failure, message] = FAILURES[/\((-\d+)\)\s*$/.exec(stderr)?.[1] ?? ""] ?? [
    "rejected",
    `Messages refused the message: ${said}`,
  ];
  const pause = { retryAfterMs: START_PAUSE_MS, isAccountWide: true };
  return new ChannelError(failure, message, failure === "retry" ? pause : {});
}

/** Without zero bytes, which no program can be given. */
export function render(markdown: string): string {
  return renderMarkdown(markdown, PLAIN).replaceAll("\0", "");
}

export function split(markdown: string): string[] {
  return splitMarkdown(markdown, MAX_TEXT, (part) => render(part).length);
}
