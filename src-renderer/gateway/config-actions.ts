/**
 * Models, keys, devices, usage, logs: what the settings pages read and write. A key goes to the gateway in one call and
 * is kept nowhere here. Must never store or log what was typed into a key field.
 */
import type { MethodParams, MethodResult } from "#main/protocol/methods/index.ts";
import type { Caller } from "./connection.ts";
import { type AppStore, may } from "./store.ts";

export type ProbeResult = MethodResult<"models.probe">;
export type UsageReport = MethodResult<"usage.cost">;

export type ConfigActions = ReturnType<typeof createConfigActions>;

export function createConfigActions(store: AppStore, call: Caller) {
  /** Models, providers and the state of the configuration. */
  const refreshModels = async () => {
    const [models, auth, config] = await Promise.all([
      call("models.list", {}),
      call("models.authStatus", {}),
      call("config.get", {}),
    ]);
    store.setState({ models: models.models, auth, config });
  };
  const refreshDevices = async () => {
    if (!may(store.getState(), "operator.pairing")) return;
    store.setState({ devices: await call("device.pair.list", {}) });
  };
  return {
    refreshModels,
    refreshDevices,
    probe: (params: MethodParams<"models.probe">) => call("models.probe", params, { timeoutMs: 60_000 }),
    saveProvider: (params: MethodParams<"models.provider.save">) =>
      call("models.provider.save", params).then(refreshModels),
    removeProvider: (provider: string) => call("models.provider.remove", { provider }).then(refreshModels),
    acceptOffer: (params: MethodParams<"models.offer.accept">) =>
      call("models.offer.accept", params).then(refreshModels),
    async setDefaultModel(ref: string) {
      const { hash } = await call("config.get", {});
      await call("config.patch", { raw: JSON.stringify({ llm: { model: ref } }), baseHash: hash });
      await refreshModels();
    },
    async answerPairing(requestId: string, isApproved: boolean) {
      await (isApproved ? call("device.pair.approve", { requestId }) : call("device.pair.reject", { requestId }));
      await refreshDevices();
    },
    removeDevice: (deviceId: string) => call("device.pair.remove", { deviceId }).then(refreshDevices),
    usage: (days: number) => call("usage.cost", { days }),
    logs: (limit: number) => call("logs.tail", { limit }),
    status: () => call("status", {}),
  };
}
