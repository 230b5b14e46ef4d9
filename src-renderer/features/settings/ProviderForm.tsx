/** A key, a test of it, a model, save. The key is kept only until the form closes. */
import { CircleAlert, CircleCheck } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { ProviderStatus } from "#main/protocol/methods/config.ts";
import { wordsOf } from "../../gateway/chat-actions.ts";
import type { ProbeResult } from "../../gateway/config-actions.ts";
import { useApp, useAppState } from "../../gateway/use-app.ts";
import { Button } from "../../ui/Button.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { Select } from "../../ui/Select.tsx";
import { TextField } from "../../ui/TextField.tsx";
import { showToast } from "../../ui/toast.tsx";
import { ConsentDialog } from "./ConsentDialog.tsx";
import { isProviderName, type Service, toProbeWords } from "./providers.ts";

interface Entry {
  provider: string;
  apiKey: string;
  baseUrl: string;
  model: string;
}

export function ProviderForm(props: { service: Service; status: ProviderStatus | undefined; onSaved(): void }) {
  const { service, status, onSaved } = props;
  const { t } = useTranslation();
  const [entry, setEntry] = useState<Entry>({
    provider: service.provider,
    apiKey: "",
    baseUrl: status?.baseUrl ?? "",
    model: "",
  });
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
        if (canTest) void form.test();
      }}
    >
      {service.needsUrl && service.provider === "" ? (
        <TextField
          label={t("models.name")}
          hint={t("models.nameHint")}
          value={entry.provider}
          onChange={(provider) => set({ provider: provider.toLowerCase() })}
          placeholder="ollama"
          {...(entry.provider && !isNamed ? { error: t("models.nameHint") } : {})}
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
        <Button look="primary" disabled={!canTest} isBusy={form.isSaving} onClick={() => void form.save(false)}>
          {t("common.save")}
        </Button>
      </div>
      <ConsentDialog isOpen={form.isAsking} onClose={form.dismiss} onAgree={() => void form.save(true)} />
    </form>
  );
}

/** What the buttons of the form do, and what came of it. */
function useProviderForm(service: Service, entry: Entry, onSaved: () => void) {
  const { t } = useTranslation();
  const app = useApp();
  const canStore = useAppState((state) => state.auth?.secrets.canStore !== false);
  const [probe, setProbe] = useState<ProbeResult>();
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState<"none" | "test" | "save">("none");
  const [isAsking, setIsAsking] = useState(false);
  const values = {
    provider: entry.provider,
    kind: service.kind,
    ...(entry.apiKey ? { apiKey: entry.apiKey } : {}),
    ...(entry.baseUrl ? { baseUrl: entry.baseUrl } : {}),
    ...(entry.model ? { model: entry.model } : {}),
  };
  const attempt = async (kind: "test" | "save", work: () => Promise<void>) => {
    setBusy(kind);
    setError(undefined);
    try {
      await work();
    } catch (thrown) {
      setError(wordsOf(thrown));
    }
    setBusy("none");
  };
  return {
    probe,
    error,
    isAsking,
    isTesting: busy === "test",
    isSaving: busy === "save",
    dismiss: () => setIsAsking(false),
    test: () =>
      attempt("test", async () => {
        setProbe(undefined);
        setProbe(await app.config.probe(values));
      }),
    save: async (consentFile: boolean) => {
      if (entry.apiKey && !canStore && !consentFile) {
        setIsAsking(true);
        return;
      }
      setIsAsking(false);
      await attempt("save", async () => {
        await app.config.saveProvider({ ...values, ...(consentFile ? { consentFile } : {}) });
        showToast(t("models.saved", { name: service.label || entry.provider }));
        onSaved();
      });
    },
  };
}

function Outcome({ probe, error }: { probe: ProbeResult | undefined; error: string | undefined }) {
  const { t } = useTranslation();
  if (error) {
    return (
      <Notice tone="danger" role="alert" icon={<CircleAlert size={15} aria-hidden />}>
        {error}
      </Notice>
    );
  }
  if (!probe) return null;
  if (probe.status === "ok") {
    return (
      <Notice tone="ok" role="status" icon={<CircleCheck size={15} aria-hidden />}>
        <span className="tabular-nums">{t("models.testOk", { ms: probe.latencyMs ?? 0 })}</span>{" "}
        {t("models.testModels", { count: probe.models.length })}
      </Notice>
    );
  }
  return (
    <Notice tone="danger" role="alert" icon={<CircleAlert size={15} aria-hidden />}>
      <p className="font-medium">{t(`models.${toProbeWords(probe.status)}`, { ms: 0 })}</p>
      {probe.error ? <p className="mt-0.5 font-mono text-small">{probe.error}</p> : null}
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
