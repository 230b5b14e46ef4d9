/** What holds for every entry of the list of channels, without starting one. */
import { describe, expect, it } from "vitest";
import { isSecretName } from "#main/base/log-redactor.ts";
import { CHANNELS } from "#main/channels/index.ts";
import { fieldsOf, withDefaults } from "#main/channels/settings.ts";
import { redactTree } from "#main/config/redact.ts";

it("[G17] names each channel once, with a sentence and the steps to set it up", () => {
  const ids = CHANNELS.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids).toEqual(["telegram", "whatsapp", "discord", "slack", "signal", "imessage", "twilio"]);
  for (const { label, summary, setup } of CHANNELS) {
    expect(label).not.toBe("");
    expect(summary).toMatch(/\.$/);
    expect(setup.length).toBeGreaterThan(0);
  }
});

describe.each(CHANNELS.map((channel) => [channel.id, channel] as const))("%s", (id, channel) => {
  const fields = Object.entries(fieldsOf(channel.settings));
  const secrets = fields.flatMap(([name, field]) => (field["x-secret"] === true ? [name] : []));

  it("[SE-01] has no secret that the configuration would show", () => {
    for (const name of secrets) expect([name, isSecretName(name)]).toEqual([name, true]);
    const section = Object.fromEntries(secrets.map((name) => [name, "a-secret-in-plain-text"]));
    expect(JSON.stringify(redactTree({ channels: { [id]: section } }))).not.toContain("a-secret-in-plain-text");
  });

  it("explains every field of its form, and is shown as JSON Schema", () => {
    for (const [, field] of fields) expect(field).toMatchObject({ title: expect.any(String) });
    expect(JSON.parse(JSON.stringify(channel.settings))).toMatchObject({ type: "object" });
  });

  it("[G17] cannot start with nothing, or says why not, unless it is linked by scanning", () => {
    const settings = withDefaults(channel.settings, {}) as never;
    const fault = channel.unavailable?.("linux", settings) ?? channel.check(settings);
    if (channel.capabilities.login === "credentials") expect(fault).toEqual(expect.any(String));
    else if (id === "imessage") expect(fault).toMatch(/Mac/);
    else expect(fault).toBeUndefined();
  });

  it("[CH-26] splits any text into parts, none of them empty or half a character", () => {
    for (const text of ["a".repeat(70_000), "\u{1F980}".repeat(30_000), `\`\`\`js\n${"x;\n".repeat(20_000)}\`\`\``]) {
      const parts = channel.split(text);
      for (const part of parts) expect([part !== "", part.isWellFormed()]).toEqual([true, true]);
      if (channel.capabilities.maxText < 30_000) expect(parts.length).toBeGreaterThan(1);
    }
    expect(channel.split("hi")).toEqual(["hi"]);
  });
});
