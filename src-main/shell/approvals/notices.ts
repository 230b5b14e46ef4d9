/**
 * Notifications of the system for approvals that nobody sees come: one for each, withdrawn when it is answered anywhere.
 * The words are general, for a lock screen shows them; nothing can be allowed from one.
 */
import type { NotificationConstructorOptions } from "electron";
import type { Disposable } from "#main/base/disposable.ts";
import type { Approval } from "#main/protocol/methods/approvals.ts";

/** The part of Electron's Notification in use. */
export interface NoticeHandle {
  show(): void;
  close(): void;
  on(event: "action", listener: (details: { actionIndex: number }) => void): unknown;
  on(event: "click", listener: () => void): unknown;
  on(event: "failed", listener: (event: unknown, error: string) => void): unknown;
}

export interface NoticesOptions {
  platform: NodeJS.Platform;
  isSupported(): boolean;
  create(options: NotificationConstructorOptions): NoticeHandle;
  /** A person looks at our window: it shows the question itself. */
  isFocused(): boolean;
  /** Linux, where notifications have no buttons: draws the eye to the window that is open. */
  drawAttention(): void;
  deny(id: string): void;
  review(approval: Approval): void;
  onFailed(error: string): void;
}

const BUTTONS = ["Deny", "Review"] as const;
/** Ids remembered, so that a lost connection does not show one twice. */
const MOST_REMEMBERED = 500;

/** `update` takes what waits now, and shows what is new in it. */
export function createNotices(options: NoticesOptions): Disposable & { update(waiting: readonly Approval[]): void } {
  const shown = new Map<string, NoticeHandle>();
  const seen = new Set<string>();
  const announce = (approval: Approval) => {
    if (options.isFocused()) return;
    if (options.platform === "linux") return options.drawAttention();
    if (options.isSupported()) shown.set(approval.id, show(approval, options));
  };
  return {
    update(waiting) {
      const ids = new Set(waiting.map((approval) => approval.id));
      for (const [id, notice] of shown) {
        if (ids.has(id)) continue;
        shown.delete(id);
        notice.close();
      }
      for (const approval of waiting) {
        if (seen.has(approval.id)) continue;
        seen.add(approval.id);
        announce(approval);
      }
      for (const id of seen) {
        if (seen.size <= MOST_REMEMBERED) break;
        if (!ids.has(id)) seen.delete(id);
      }
    },
    dispose() {
      for (const notice of shown.values()) notice.close();
      shown.clear();
    },
  };
}

function show(approval: Approval, options: NoticesOptions): NoticeHandle {
  const notice = options.create({
    id: approval.id,
    groupId: "approvals",
    title: "Gatehouse asks for your approval",
    body: "Something waits for your answer. No answer means no.",
    actions: BUTTONS.map((text) => ({ type: "button", text })),
    closeButtonText: "Later",
  });
  notice.on("click", () => options.review(approval));
  notice.on("action", ({ actionIndex }) => {
    // Whatever is not plainly Deny only shows the question.
    if (BUTTONS[actionIndex] === "Deny") options.deny(approval.id);
    else options.review(approval);
  });
  notice.on("failed", (_event, error) => options.onFailed(error));
  notice.show();
  return notice;
}
