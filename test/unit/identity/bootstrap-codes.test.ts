import { expect, it } from "vitest";
import { BootstrapCodes } from "#main/identity/bootstrap-codes.ts";
import { createManualClock } from "#test/fakes/manual-clock.ts";

it("[HS-37] [PR-01] counts once, has 256 bits, and carries the scopes it was made with", () => {
  const codes = new BootstrapCodes(createManualClock());
  const { code } = codes.create(["operator.read"]);
  expect(Buffer.from(code, "base64url")).toHaveLength(32);
  expect(codes.redeem("guess")).toBe("unknown");
  expect(codes.redeem(code)).toEqual(["operator.read"]);
  expect(codes.redeem(code)).toBe("unknown");
});

it("[HS-37] [PR-01] counts for two minutes", async () => {
  const clock = createManualClock();
  const codes = new BootstrapCodes(clock);
  const [a, b] = [codes.create([]), codes.create([])];
  expect(a.expiresAtMs).toBe(clock.now() + 120_000);
  await clock.advance(119_999);
  expect(codes.redeem(a.code)).toEqual([]);
  await clock.advance(1);
  expect(codes.redeem(b.code)).toBe("expired");
  expect(codes.redeem(b.code)).toBe("unknown");
});

it("keeps the newest hundred", () => {
  const codes = new BootstrapCodes(createManualClock());
  const made = Array.from({ length: 101 }, () => codes.create([]).code);
  expect(codes.redeem(made[0] ?? "")).toBe("unknown");
  expect(codes.redeem(made[1] ?? "")).toEqual([]);
});
