/** A channel that is set up from outside the configuration file, and taken away again: nothing of it is left. */
import { expect, it, onTestFinished } from "vitest";
import { startTestGateway } from "#test/fakes/gateway.ts";
import { startTelegram } from "#test/fakes/telegram-platform.ts";

it("[G04] keeps a token with the secrets, and forgets settings, token and connection", async () => {
  const telegram = await startTelegram();
  onTestFinished(() => telegram.close());
  const gateway = await startTestGateway({
    env: { GATEHOUSE_SECRET_KEY: Buffer.alloc(32, 7).toString("base64") },
    config: { secrets: { backend: "file" } },
  });
  onTestFinished(() => gateway.dispose());
  const client = await gateway.connect();
  const offer = async () => {
    const { channels } = (await client.call("channels.list", {})) as { channels: Record<string, unknown>[] };
    return channels.find(({ id }) => id === "telegram");
  };
  const accounts = async () => {
    const { channels } = (await client.call("channels.status", {})) as unknown as {
      channels: Record<string, { accounts: { state: string }[] }>;
    };
    return channels["telegram"]?.accounts ?? [];
  };
  const saved = await client.call("channels.save", { channel: "telegram", settings: telegram.settings });
  expect(saved).toMatchObject({ ok: true });
  await expect.poll(accounts, { timeout: 10_000 }).toEqual([expect.objectContaining({ state: "connected" })]);
  expect(await offer()).toMatchObject({ isConfigured: true, heldSecrets: ["token"] });
  expect(JSON.stringify(await client.call("config.get", {}))).not.toContain(String(telegram.settings["token"]));

  expect(await client.call("channels.remove", { channel: "telegram" })).toEqual({ ok: true });
  await expect.poll(accounts, { timeout: 10_000 }).toEqual([]);
  expect(await offer()).toMatchObject({ isConfigured: false, heldSecrets: [], settings: {} });

  // Set up again without a token: the old one is gone.
  const { token: _, ...rest } = telegram.settings;
  await client.call("channels.save", { channel: "telegram", settings: rest });
  await expect.poll(accounts, { timeout: 10_000 }).toEqual([expect.objectContaining({ state: "error" })]);
}, 30_000);
