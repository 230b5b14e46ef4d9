import { expect, it } from "vitest";
import { toSignedText, type DeviceClaim } from "#main/protocol/device-auth.ts";

const claim: DeviceClaim = {
  deviceId: "id",
  clientId: "cli",
  clientMode: "cli",
  role: "operator",
  scopes: ["operator.read", "operator.write"],
  signedAt: 1_760_000_000_000,
  token: "tok",
  nonce: "non",
  platform: " Darwin ",
  deviceFamily: "İPhone",
};

it.each([
  ["v1", "v1|id|cli|cli|operator|operator.read,operator.write|1760000000000|tok"],
  ["v2", "v2|id|cli|cli|operator|operator.read,operator.write|1760000000000|tok|non"],
  ["v3", "v3|id|cli|cli|operator|operator.read,operator.write|1760000000000|tok|non|darwin|İphone"],
] as const)("[D06] [D07] the text of %s is the one that clients of the field sign", (version, text) => {
  expect(toSignedText(version, claim)).toBe(text);
});

it("[D06] empty fields leave their places empty", () => {
  const empty = { ...claim, scopes: [], token: "", nonce: "", platform: "", deviceFamily: "" };
  expect(toSignedText("v3", empty)).toBe("v3|id|cli|cli|operator||1760000000000||||");
});
