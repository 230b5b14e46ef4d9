/** Which addresses leave the window. */
import { describe, expect, it } from "vitest";
import { createLinkOpener, toExternalUrl } from "#main/shell/links.ts";
import { createManualClock } from "#test/fakes/manual-clock.ts";

describe("toExternalUrl", () => {
  it.each([
    ["https://example.com/a?b=c#d", "https://example.com/a?b=c#d"],
    ["http://localhost:8080", "http://localhost:8080/"],
    ["mailto:ada@example.com?subject=Hello&body=There", "mailto:ada@example.com?subject=Hello&body=There"],
    ["HTTPS://EXAMPLE.com", "https://example.com/"],
  ])("[EL-03] lets %s out", (raw, url) => {
    expect(toExternalUrl(raw)).toBe(url);
  });

  it.each([
    "file:///etc/passwd",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vscode://file/etc/passwd",
    "ms-msdt:/id PCWDiagnostic",
    "smb://host/share",
    "\\\\host\\share",
    "gatehouse://app/index.html",
    "https://user:secret@example.com/",
    "https://",
    "https://example.com/\n--flag",
    "mailto:a@b.c?attach=/etc/passwd",
    "not an address",
    "",
    `https://example.com/${"a".repeat(5000)}`,
  ])("[EL-03] keeps %j inside", (raw) => {
    expect(toExternalUrl(raw)).toBeUndefined();
  });
});

describe("createLinkOpener", () => {
  function setUp(open = async () => {}) {
    const opened: string[] = [];
    const errors: unknown[] = [];
    const clock = createManualClock();
    const openLink = createLinkOpener({
      open: (url) => {
        opened.push(url);
        return open();
      },
      clock,
      onError: (error) => errors.push(error),
    });
    return { opened, errors, clock, openLink };
  }

  it("[EL-03] hands only checked addresses to the system", () => {
    const { openLink, opened } = setUp();
    expect(openLink("https://example.com")).toBe(true);
    expect(openLink("file:///etc/passwd")).toBe(false);
    expect(opened).toEqual(["https://example.com/"]);
  });

  it("[EL-03] stops a flood of links and opens again later", async () => {
    const { openLink, opened, clock } = setUp();
    const answers = Array.from({ length: 8 }, () => openLink("https://example.com"));
    expect(answers.filter(Boolean)).toHaveLength(5);
    await clock.advance(10_000);
    expect(openLink("https://example.com")).toBe(true);
    expect(opened).toHaveLength(6);
  });

  it("reports when the system has no program for the address", async () => {
    const failure = new Error("no handler");
    const { openLink, errors, clock } = setUp(() => Promise.reject(failure));
    expect(openLink("mailto:ada@example.com")).toBe(true);
    await clock.advance(0);
    expect(errors).toEqual([failure]);
  });
});
