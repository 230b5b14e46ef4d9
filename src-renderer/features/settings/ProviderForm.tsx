/** A key, a test of it, a model, save. The key is kept only until the form closes. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { ProviderStatus } from "#main/protocol/methods/config.ts";
import type { ProbeResult } from "../../gateway/config-actions.ts";
import { useApp, useAppState } from "../../gateway/use-app.ts";
import { Button } from "../../ui/Button.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { Select } from "../../ui/Select.tsx";
import { TextField } from "../../ui/TextField.tsx";
import { showToast } from "../../ui/toast.tsx";
import { ConsentDialog } from "./ConsentDialog.tsx";
import { isProviderName, PROBE_WORDS, type Service } from "./providers.ts";
import { useWork } from "./use-work.ts";

type Entry = Record<"provider" | "apiKey" | "baseUrl" | "model", string>;

export function ProviderForm(props: { service: Service; status: ProviderStatus | undefined; onSaved(): void }) {
  const { service, status, onSaved } = props;
  const { t } = useTranslation();
  const first = { provider: service.provider, apiKey: "", baseUrl: status?.baseUrl ?? "", model: "" };
  const [entry, setEntry] = useState(first);
  const set = (change: Partial<Entry>) => setEntry((before) => ({ ...before, ...change }));
  const form = useProviderForm(service, entry, onSaved);
  const isNamed = isProviderName(entry.provider);
  const canTest =
    isNamed && (service.needsUrl ? entry.baseUrl !== "" : entry.apiKey !== "" || status?.keySource !== undefined);
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (canTest) form.test();
      }}
    >
      {service.needsUrl && service.provider === "" ? (
        <TextField
          label={t("models.name")}
          hint={t("models.nameHint")}
          value={entry.provider}
          onChange={(provider) => set({ provider: provider.toLowerCase() })}
          placeholder="ollama"
          error={entry.provider && !isNamed ? t("models.nameHint") : undefined}
        />
      ) : null}
      {service.needsUrl ? (
        <TextField
          label={t("models.baseUrl")}
          hint={t("models.baseUrlHint")}
          value={entry.baseUrl}
          onChange={(baseUrl) => set({ baseUrl: baseUrl.trim() })}
          placeholder="http://localhost:11434/v1"
          inputMode="url"
          spellCheck={false}
        />
      ) : null}
      <TextField
        label={t("models.key")}
        type="password"
        autoComplete="off"
        spellCheck={false}
        value={entry.apiKey}
        onChange={(apiKey) => set({ apiKey: apiKey.trim() })}
        placeholder={t("models.keyPlaceholder")}
        {...(status?.keySource ? { hint: t("models.keyKept", { source: status.keySource }) } : {})}
      />
      <Outcome probe={form.probe} error={form.error} />
      <ModelChoice probe={form.probe} value={entry.model} onChange={(model) => set({ model })} />
      <div className="flex flex-wrap justify-end gap-2">
        <Button type="submit" disabled={!canTest} isBusy={form.isTesting}>
          {form.isTesting ? t("models.testing") : t("models.test")}
        </Button>
        <Button look="primary" disabled={!canTest} isBusy={form.isSaving} onClick={() => form.save({})}>
          {t("common.save")}
        </Button>
      </div>
      <ConsentDialog isOpen={form.isAsking} onClose={form.dismiss} onAgree={() => form.save({ consentFile: true })} />
    </form>
  );
}

/** What the buttons of the form do, and what came of it. */
function useProviderForm(service: Service, entry: Entry, onSaved: () => void) {
  const { t } = useTranslation();
  const app = useApp();
  const canStore = useAppState((state) => state.auth?.secrets.canStore !== false);
  const [probe, setProbe] = useState<ProbeResult>();
  const [isTest, setIsTest] = useState(false);
  const { isBusy, error, run } = useWork(true);
  const [isAsking, setIsAsking] = useState(false);
  const { provider, apiKey, baseUrl, model } = entry;
  const typed = Object.fromEntries(Object.entries({ apiKey, baseUrl, model }).filter(([, value]) => value));
  const values = { provider, kind: service.kind, ...typed };
  const saved = () => {
    showToast(t("models.saved", { name: service.label || provider }));
    onSaved();
  };
  return {
    probe,
    error,
    isAsking,
    isTesting: isBusy && isTest,
    isSaving: isBusy && !isTest,
    dismiss: () => setIsAsking(false),
    test() {
      setIsTest(true);
      setProbe(undefined);
      run(app.config.probe(values).then(setProbe));
    },
    save(consent: { consentFile?: boolean }) {
      if (apiKey && !canStore && !consent.consentFile) return setIsAsking(true);
      setIsTest(false);
      return run(app.config.saveProvider({ ...values, ...consent }), saved);
    },
  };
}

function Outcome({ probe, error }: { probe: ProbeResult | undefined; error: string | undefined }) {
  const { t } = useTranslation();
  if (!probe && !error) return null;
  if (probe?.status === "ok" && !error) {
    return (
      <Notice tone="ok" role="status" isMarked>
        <span className="tabular-nums">{t("models.testOk", { ms: probe.latencyMs ?? 0 })}</span>{" "}
        {t("models.testModels", { count: probe.models.length })}
      </Notice>
    );
  }
  return (
    <Notice tone="danger" role="alert" isMarked>
      {error ?? (probe ? <p className="font-medium">{t(PROBE_WORDS[probe.status], { ms: 0 })}</p> : null)}
      {probe?.error && !error ? <p className="mt-0.5 font-mono text-small">{probe.error}</p> : null}
    </Notice>
  );
}

function ModelChoice(props: { probe: ProbeResult | undefined; value: string; onChange(model: string): void }) {
  const { t } = useTranslation();
  if (props.probe?.status !== "ok") return null;
  if (props.probe.models.length === 0) {
    return <TextField label={t("models.typeModel")} value={props.value} onChange={props.onChange} />;
  }
  return (
    <div className="flex flex-col gap-1.5">
      <span className="font-medium">{t("models.chooseDefault")}</span>
      <Select
        label={t("models.chooseDefault")}
        className="w-full"
        value={props.value}
        placeholder={t("chat.chooseModel")}
        options={props.probe.models.map((model) => ({ value: model, label: model }))}
        onChange={props.onChange}
      />
    </div>
  );
}
