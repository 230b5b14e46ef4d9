import { expect, it } from "vitest";
import {
  claimAnswer,
  claimStart,
  dropResults,
  endApprovalRun,
  findApproval,
  insertApproval,
} from "#main/store/approvals.ts";
import { openStore } from "./open-store.ts";

it("forgets what tools answered long ago, and keeps the approvals", async () => {
  const { db } = await openStore();
  for (const [id, endedAt] of [
    ["old", 1000],
    ["new", 2000],
  ] as const) {
    const where = { session_key: "s", run_id: "r", call_id: "c", agent_id: "main", requester: "{}" };
    const what = { id, tool: "bash", level: 7, digest: "d", request: "{}", created_at: 1, expires_at: 500 };
    await insertApproval(db, { ...where, ...what });
    expect(await claimAnswer(db, id, { state: "allowed", by: "owner" }, 2)).toMatchObject({ run: null, is_error: 0 });
    expect(await claimStart(db, id, 3)).toBe(true);
    await endApprovalRun(db, id, { run: "done", result: "the answer", isError: false }, endedAt);
  }
  await dropResults(db, 2000);
  expect(await findApproval(db, "old")).toMatchObject({ run: "done", result: null });
  expect(await findApproval(db, "new")).toMatchObject({ run: "done", result: "the answer" });
});
