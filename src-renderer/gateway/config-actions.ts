/**
 * Models, keys, devices, usage, logs: what the settings pages read and write. A key goes to the gateway in one call and
 * is kept nowhere here. Must never store or log what was typed into a key field.
 */
import type { MethodParams, MethodResult } from "#main/protocol/methods/index.ts";
import type { Caller } from "./connection.ts";
import { type AppStore, may } from "./store.ts";

export type ProbeResult = MethodResult<"models.probe">;
export type UsageReport = MethodResult<"usage.cost">;
export type LogTail = MethodResult<"logs.tail">;
export type StatusReport = MethodResult<"status">;

export interface ConfigActions {
  /** Models, providers and the state of the configuration. */
  refreshModels(): Promise<void>;
  refreshDevices(): Promise<void>;
  probe(params: MethodParams<"models.probe">): Promise<ProbeResult>;
  saveProvider(params: MethodParams<"models.provider.save">): Promise<void>;
  removeProvider(provider: string): Promise<void>;
  acceptOffer(params: MethodParams<"models.offer.accept">): Promise<void>;
  setDefaultModel(ref: string): Promise<void>;
  answerPairing(requestId: string, isApproved: boolean): Promise<void>;
  removeDevice(deviceId: string): Promise<void>;
  usage(days: number): Promise<UsageReport>;
  logs(limit: number): Promise<LogTail>;
  status(): Promise<StatusReport>;
}

export function createConfigActions(store: AppStore, call: Caller): ConfigActions {
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
    probe: (params) => call("models.probe", params, { timeoutMs: 60_000 }),
    async saveProvider(params) {
      await call("models.provider.save", params);
      await refreshModels();
    },
    async removeProvider(provider) {
      await call("models.provider.remove", { provider });
      await refreshModels();
    },
    async acceptOffer(params) {
      await call("models.offer.accept", params);
      await refreshModels();
    },
    async setDefaultModel(ref) {
      const { hash } = await call("config.get", {});
      await call("config.patch", { raw: JSON.stringify({ llm: { model: ref } }), baseHash: hash });
      await refreshModels();
    },
    async answerPairing(requestId, isApproved) {
      await (isApproved ? call("device.pair.approve", { requestId }) : call("device.pair.reject", { requestId }));
      await refreshDevices();
    },
    async removeDevice(deviceId) {
      await call("device.pair.remove", { deviceId });
      await refreshDevices();
    },
    usage: (days) => call("usage.cost", { days }),
    logs: (limit) => call("logs.tail", { limit }),
    status: () => call("status", {}),
  };
}
