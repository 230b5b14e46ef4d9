import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { OTHER_ID, otherUserArguments } from "#main/sandbox/bwrap/other-user.ts";

describe("becoming another user", () => {
  it("passes paths as arguments, never as text of the program", () => {
    const given = otherUserArguments("/mnt", "/place with 'quotes'", "/files $(id)", "x64") ?? [];
    expect(given.slice(2)).toEqual(["272", String(OTHER_ID), "/mnt", "/place with 'quotes'", "/files $(id)"]);
    expect(given[1]).not.toMatch(/quotes|\$\(id\)/);
  });
  it("is not tried where the system's numbers are not known", () => {
    expect(otherUserArguments("/mnt", "/p", undefined, "s390x")).toBeUndefined();
  });
  it.skipIf(!existsSync("/usr/bin/perl"))("is a program that perl can read", () => {
    const script = otherUserArguments("/mnt", "/p", undefined, "x64")?.[1] ?? "";
    expect(() => execFileSync("/usr/bin/perl", ["-c", "-e", script], { stdio: "pipe" })).not.toThrow();
  });
});
