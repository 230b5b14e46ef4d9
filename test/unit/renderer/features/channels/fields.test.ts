/** The form of a channel: drawn from its schema, written only where it differs, without ever showing a secret. */
import { describe, expect, it } from "vitest";
import {
  findFaults,
  toEntries,
  toFields,
  toSettings,
  withoutSecrets,
} from "#renderer/features/channels/setup/fields.ts";
import { TELEGRAM } from "#test/fakes/renderer-channel-scenes.ts";

const fields = toFields(TELEGRAM.schema);
const fresh = toEntries(fields, {});

describe("the fields of a channel", () => {
  it("come from its schema, without the settings that all channels share", () => {
    expect(fields.map(({ name, kind, isAdvanced }) => [name, kind, isAdvanced])).toEqual([
      ["token", "secret", false],
      ["mode", "choice", true],
      ["webhookUrl", "text", true],
      ["timeoutSeconds", "number", true],
      ["silent", "switch", true],
    ]);
    expect(fields[1]?.choices).toEqual(["polling", "webhook"]);
  });

  it("leave out what no field can show, and survive a schema of nothing", () => {
    const properties = { deep: { type: "object" }, list: { type: "array", items: { type: "string" } } };
    expect(toFields({ properties }).map(({ name, kind }) => [name, kind])).toEqual([["list", "list"]]);
    expect(toFields(undefined)).toEqual([]);
  });

  it("never begin with a secret, and let go of one that was saved", () => {
    expect(toEntries(fields, { token: "123:redacted", mode: "webhook" })).toMatchObject({ token: "", mode: "webhook" });
    expect(withoutSecrets(fields, { ...fresh, token: "1:a", webhookUrl: "https://a.example" })).toMatchObject({
      token: "",
      webhookUrl: "https://a.example",
    });
  });
});

describe("what was typed", () => {
  it("is checked for what is needed, unless it is kept already", () => {
    expect(findFaults(fields, fresh, [])).toEqual({ token: "needed" });
    expect(findFaults(fields, fresh, ["token"])).toEqual({});
    expect(findFaults(fields, { ...fresh, token: "nonsense", timeoutSeconds: "soon" }, [])).toEqual({
      token: "pattern",
      timeoutSeconds: "number",
    });
  });

  it("is written where it differs, in the type of its field; what was emptied is taken away", () => {
    const typed = { ...fresh, token: " 1:a ", timeoutSeconds: "50", silent: "true" };
    expect(toSettings(fields, typed, {})).toEqual({ token: "1:a", timeoutSeconds: 50, silent: true });
    expect(toSettings(fields, { ...fresh, webhookUrl: "" }, { webhookUrl: "https://a.example" })).toEqual({
      webhookUrl: null,
    });
    expect(toSettings(fields, fresh, {})).toEqual({});
  });
});
