/** What is given to the script, and what its failures mean. */
import { describe, expect, it } from "vitest";
import { render, SCRIPT, split, toArguments, toFailure, toPerson } from "#main/channels/imessage/outbound.ts";

const RESULT = { exitCode: 1, signal: null, stdout: "", stderr: "", timedOut: false, droppedBytes: 0, durationMs: 1 };

describe("a failed run", () => {
  it.each([
    ["execution error: Not authorized to send Apple events to Messages. (-1743)", "auth"],
    ["execution error: Messages got an error: AppleEvent timed out. (-1712)", "unknown"],
    ["execution error: Connection is invalid. (-609)", "unknown"],
    ["execution error: Messages got an error: Application isn’t running. (-600)\n", "retry"],
    ["execution error: An error of type -10810 has occurred. (-10810)", "retry"],
    ['execution error: Messages got an error: Can’t get chat id "x". (-1728)', "rejected"],
    ["execution error: Can’t make file into type. (-1700)", "rejected"],
    ["", "rejected"],
  ])("that says %j is '%s'", (stderr, failure) => {
    expect(toFailure({ ...RESULT, stderr })?.failure).toBe(failure);
  });

  it("believes the number at the end, not one in the words", () => {
    const stderr = 'execution error: Can’t get chat id "(-1743)". (-1728)';
    expect(toFailure({ ...RESULT, stderr })?.failure).toBe("rejected");
  });

  it("is unknown when the run was cut short", () => {
    expect(toFailure({ ...RESULT, exitCode: null, signal: "SIGTERM", timedOut: true })?.failure).toBe("unknown");
    expect(toFailure({ ...RESULT, exitCode: null, signal: "SIGKILL" })?.failure).toBe("unknown");
    expect(toFailure({ ...RESULT, exitCode: 0 })).toBeUndefined();
  });
});

describe("a message for the script", () => {
  it.each([
    ["iMessage;-;+15550001111", "+15550001111"],
    ["any;-;ann@example.com", "ann@example.com"],
    ["SMS;-;+15550001111", ""],
    ["iMessage;+;chat123", ""],
    ["+15550001111", ""],
  ])("to %s may go to the person '%s' instead", (chatGuid, person) => {
    expect(toPerson(chatGuid)).toBe(person);
  });

  it("[CH-35] holds what it sends as arguments only", () => {
    const content = '" & do shell script "id" & "';
    expect(toArguments({ kind: "text", chatGuid: "iMessage;-;a", content })).toEqual([
      ...["-l", "AppleScript", "-", "text", "iMessage;-;a", "a"],
      content,
    ]);
    expect(SCRIPT).not.toContain("do shell");
  });

  it("has no marks and no zero bytes", () => {
    expect(render("**a** [b](https://x.example) `c\0d`")).toBe("a b (https://x.example) cd");
    expect(split("w ".repeat(30_000)).length).toBeGreaterThan(1);
  });
});
