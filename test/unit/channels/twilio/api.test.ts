/** Signatures, against the example that Twilio publishes. */
import { expect, it } from "vitest";
import { createTwilioApi } from "#main/channels/twilio/api.ts";

it("[CH-03] knows the signature of the example in Twilio's documentation", async () => {
  const api = await createTwilioApi({
    accountSid: `AC${"0".repeat(32)}`,
    authToken: "12345",
    apiBase: "https://api.twilio.com",
    fetch: () => Promise.reject(new Error("no network")),
    now: () => 0,
  });
  const params = new URLSearchParams({
    Digits: "1234",
    CallSid: "CA1234567890ABCDE",
    To: "+18005551212",
    Caller: "+14158675309",
    From: "+14158675309",
  });
  const address = "https://mycompany.com/myapp.php?foo=1&bar=2";
  expect(api.isSigned("RSOYDt4T1cUTdK1PDd93/VVr8B8=", address, params)).toBe(true);
  expect(api.isSigned("RSOYDt4T1cUTdK1PDd93/VVr8B8=", `${address}&x=1`, params)).toBe(false);
  params.append("__proto__", "x");
  expect(api.isSigned("RSOYDt4T1cUTdK1PDd93/VVr8B8=", address, params)).toBe(false);
});
