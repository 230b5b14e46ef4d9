/** Which model answers: what was found here, the services and their keys, the default. */
import { useTranslation } from "react-i18next";
import { wordsOf } from "../../gateway/chat-actions.ts";
import { may } from "../../gateway/store.ts";
import { useApp, useAppState } from "../../gateway/use-app.ts";
import { Notice } from "../../ui/Notice.tsx";
import { Select } from "../../ui/Select.tsx";
import { Skeleton } from "../../ui/Skeleton.tsx";
import { showError } from "../../ui/toast.tsx";
import { OfferRow } from "./OfferRow.tsx";
import { Section } from "./parts.tsx";
import { ProviderCard } from "./ProviderCard.tsx";
import { COMPATIBLE, SERVICES, toOthers } from "./providers.ts";

export function ModelsPage() {
  const { t } = useTranslation();
  const auth = useAppState((state) => state.auth);
  const config = useAppState((state) => state.config);
  const mayChange = useAppState((state) => may(state, "operator.admin"));
  if (!auth) return <Skeleton className="h-40 w-full" />;
  return (
    <>
      {mayChange ? (
        <p className="mb-6 text-soft">{t("models.intro")}</p>
      ) : (
        <Notice className="mb-6">{t("settings.noRight")}</Notice>
      )}
      <Issues title={t("settings.fileProblems")} tone="danger" issues={config?.issues ?? []} />
      <Issues title={t("settings.fileWarnings")} tone="warn" issues={config?.warnings ?? []} />
      <DefaultModel mayChange={mayChange} />
      {auth.offers.length > 0 && mayChange ? (
        <Section title={t("models.found")} hint={t("models.foundHint")}>
          <ul className="divide-y divide-line rounded-lg border border-line">
            {auth.offers.map((offer) => (
              <OfferRow key={offer.id} offer={offer} />
            ))}
          </ul>
        </Section>
      ) : null}
      <Section title={t("models.services")}>
        <div className="flex flex-col gap-2.5">
          {SERVICES.map((service) => (
            <ProviderCard
              key={service.provider}
              service={service}
              status={auth.providers.find((status) => status.provider === service.provider)}
              mayChange={mayChange}
            />
          ))}
          {toOthers(auth.providers).map((status) => (
            <ProviderCard
              key={status.provider}
              service={{ ...COMPATIBLE, provider: status.provider, label: status.label || status.provider }}
              status={status}
              mayChange={mayChange}
            />
          ))}
          <ProviderCard
            service={{ ...COMPATIBLE, label: t("models.compatible") }}
            status={undefined}
            mayChange={mayChange}
          />
        </div>
      </Section>
    </>
  );
}

function Issues(props: {
  title: string;
  tone: "danger" | "warn";
  issues: readonly { path: string; message: string }[];
}) {
  if (props.issues.length === 0) return null;
  return (
    <Notice tone={props.tone} className="mb-4">
      <p className="font-medium">{props.title}</p>
      <ul className="mt-1 text-small">
        {props.issues.map((issue) => (
          <li key={issue.path + issue.message}>
            <code className="font-mono">{issue.path}</code>
            {`: ${issue.message}`}
          </li>
        ))}
      </ul>
    </Notice>
  );
}

function DefaultModel({ mayChange }: { mayChange: boolean }) {
  const { t } = useTranslation();
  const app = useApp();
  const models = useAppState((state) => state.models).filter((model) => model.available);
  const current = models.find((model) => model.isDefault);
  if (!mayChange || models.length < 2) return null;
  return (
    <Section title={t("models.chooseDefault")} hint={t("models.chooseDefaultHint")}>
      <Select
        label={t("models.chooseDefault")}
        className="w-full max-w-sm"
        value={current?.ref ?? ""}
        options={models.map((model) => ({
          value: model.ref,
          label: model.provider === "demo" ? t("models.demo") : `${model.name} · ${model.provider}`,
        }))}
        onChange={(ref) =>
          void app.config
            .setDefaultModel(ref)
            .catch((error: unknown) => showError(t("common.failed", { message: wordsOf(error) })))
        }
      />
    </Section>
  );
}
