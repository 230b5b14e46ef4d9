import { expect, it } from "vitest";
import { withDefaults } from "#main/channels/settings.ts";
import { checkSettings, TelegramSettings } from "#main/channels/telegram/settings.ts";

const check = (written: Record<string, unknown>) =>
  checkSettings(withDefaults(TelegramSettings, written) as TelegramSettings);
const WEBHOOK = { token: "1:x", mode: "webhook", webhookUrl: "https://a.example/x", webhookSecret: "s" };

it.each([
  [{ token: "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw" }, undefined],
  [{}, /^token/],
  [{ token: "1:x/../../admin" }, /^token/],
  [{ token: "1:x y" }, /^token/],
  [{ token: "1:x", apiRoot: "file:///etc" }, /^apiRoot/],
  [{ token: "1:x", apiRoot: "nonsense" }, /^apiRoot/],
  [WEBHOOK, undefined],
  [{ ...WEBHOOK, webhookUrl: "" }, /^webhookUrl/],
  [{ ...WEBHOOK, webhookSecret: "" }, /^webhookSecret/],
])("[G17] checks %j", (written, says) => {
  if (says === undefined) expect(check(written)).toBeUndefined();
  else expect(check(written)).toMatch(says);
});
