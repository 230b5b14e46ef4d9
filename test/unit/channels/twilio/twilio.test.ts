/** The settings of Twilio. */
import { expect, it } from "vitest";
import { twilio } from "#main/channels/twilio/twilio.ts";

it.each([
  [{ accountSid: "x" }, /accountSid/],
  [{ authToken: "" }, /authToken/],
  [{ from: "14155238886" }, /from/],
  [{ from: "+14155238886" }, undefined],
  [{ webhookUrl: undefined }, /webhookUrl/],
  [{ webhookUrl: "file:///x" }, /webhookUrl/],
  [{ apiBase: "x" }, /apiBase/],
  [{}, undefined],
])("names what is wrong in the settings: %j", (change, says) => {
  const settings = {
    accountSid: `AC${"0".repeat(32)}`,
    authToken: "t",
    from: "whatsapp:+14155238886",
    webhookUrl: "https://gatehouse.example/channels/twilio/webhook",
    apiBase: "https://api.twilio.com",
  };
  const problem = twilio.check({ ...settings, ...change } as never);
  if (says === undefined) expect(problem).toBeUndefined();
  else expect(problem).toMatch(says);
});
