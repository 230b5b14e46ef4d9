/** A notification for each approval that nobody sees come, and none for the rest. */
import type { NotificationConstructorOptions } from "electron";
import { describe, expect, it } from "vitest";
import { createNotices, type NoticeHandle } from "#main/shell/approvals/notices.ts";
import { toApproval } from "./approval.ts";

function setUp(platform: NodeJS.Platform = "darwin") {
  const said: string[] = [];
  const facts = { isFocused: false, isSupported: true };
  const made: { options: NotificationConstructorOptions; emit(event: string, ...args: unknown[]): void }[] = [];
  const notices = createNotices({
    platform,
    isSupported: () => facts.isSupported,
    isFocused: () => facts.isFocused,
    create(options) {
      const listeners = new Map<string, (...args: never[]) => void>();
      const id = options.id ?? "";
      made.push({ options, emit: (event, ...args) => listeners.get(event)?.(...(args as never[])) });
      const handle = {
        show: () => said.push(`show ${id}`),
        close: () => said.push(`close ${id}`),
        on: (event: string, listener: (...args: never[]) => void) => listeners.set(event, listener),
      };
      return handle as unknown as NoticeHandle;
    },
    drawAttention: () => said.push("attention"),
    deny: (id) => said.push(`deny ${id}`),
    review: (approval) => said.push(`review ${approval.id}`),
    onFailed: (error) => said.push(`failed ${error}`),
  });
  return { notices, said, facts, made };
}

describe("notifications of approvals", () => {
  it("[I02] shows one for each, in words that a lock screen may show", () => {
    const { notices, said, made } = setUp();
    const secret = toApproval("a", { summary: "Read secrets.txt", command: "cat secrets.txt" });
    notices.update([secret]);
    notices.update([secret, toApproval("b")]);
    notices.update([secret, toApproval("b")]);
    expect(said).toEqual(["show a", "show b"]);
    expect(made[0]?.options).toMatchObject({ id: "a", title: "Gatehouse asks for your approval" });
    expect(JSON.stringify(made[0]?.options)).not.toContain("secrets.txt");
  });

  it("[I02] has the buttons Deny and Review, and no way to allow", () => {
    const { notices, said, made } = setUp("win32");
    notices.update([toApproval("a")]);
    expect(made[0]?.options.actions?.map((action) => action.text)).toEqual(["Deny", "Review"]);
    made[0]?.emit("action", { actionIndex: 0 });
    made[0]?.emit("action", { actionIndex: 1 });
    made[0]?.emit("action", { actionIndex: 7 });
    made[0]?.emit("click");
    expect(said.slice(1)).toEqual(["deny a", "review a", "review a", "review a"]);
  });

  it("[I02] withdraws it when it is answered elsewhere, and never shows it twice", () => {
    const { notices, said } = setUp();
    notices.update([toApproval("a")]);
    notices.update([]);
    notices.update([toApproval("a")]);
    expect(said).toEqual(["show a", "close a"]);
  });

  it("shows none while a person looks at the window, nor later for the same one", () => {
    const { notices, said, facts } = setUp();
    facts.isFocused = true;
    notices.update([toApproval("a")]);
    facts.isFocused = false;
    notices.update([toApproval("a")]);
    expect(said).toEqual([]);
  });

  it("draws the eye to the window on Linux, where a notification has no buttons", () => {
    const { notices, said } = setUp("linux");
    notices.update([toApproval("a")]);
    expect(said).toEqual(["attention"]);
  });

  it("says when the system shows none, and closes what is open at the end", () => {
    const { notices, said, made, facts } = setUp();
    notices.update([toApproval("a")]);
    made[0]?.emit("failed", {}, "not signed");
    facts.isSupported = false;
    notices.update([toApproval("a"), toApproval("b")]);
    void notices.dispose();
    expect(said).toEqual(["show a", "failed not signed", "close a"]);
  });
});
