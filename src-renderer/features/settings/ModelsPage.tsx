/** Which model answers: what was found here, the services and their keys, the default. */
import { HardDrive, KeyRound } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { ProviderOffer } from "#main/protocol/methods/config.ts";
import { may } from "../../gateway/store.ts";
import { useApp, useAppState } from "../../gateway/use-app.ts";
import { Button } from "../../ui/Button.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { Select } from "../../ui/Select.tsx";
import { showToast } from "../../ui/toast.tsx";
import { ConsentDialog } from "./ConsentDialog.tsx";
import { Pending, Section, toLine } from "./parts.tsx";
import { ProviderCard } from "./ProviderCard.tsx";
import { COMPATIBLE, SERVICES, toOthers } from "./providers.ts";
import { useWork } from "./use-work.ts";

export function ModelsPage() {
  const { t } = useTranslation();
  const auth = useAppState((state) => state.auth);
  const config = useAppState((state) => state.config);
  const mayChange = useAppState((state) => may(state, "operator.admin"));
  if (!auth) return <Pending />;
  const services = [
    ...SERVICES.map((service) => ({
      service,
      status: auth.providers.find(({ provider }) => provider === service.provider),
    })),
    ...toOthers(auth.providers).map((status) => ({
      service: { ...COMPATIBLE, provider: status.provider, label: status.label || status.provider },
      status,
    })),
    { service: { ...COMPATIBLE, label: t("models.compatible") }, status: undefined },
  ];
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
              <Offer key={offer.id} offer={offer} />
            ))}
          </ul>
        </Section>
      ) : null}
      <Section title={t("models.services")}>
        <div className="flex flex-col gap-2.5">
          {services.map(({ service, status }) => (
            <ProviderCard key={service.provider} service={service} status={status} mayChange={mayChange} />
          ))}
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
  const { run } = useWork();
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
        onChange={(ref) => run(app.config.setDefaultModel(ref))}
      />
    </Section>
  );
}

/** Something found on this computer that could answer, taken up with one press. */
function Offer({ offer }: { offer: ProviderOffer }) {
  const { t } = useTranslation();
  const app = useApp();
  const { isBusy, run } = useWork();
  const [isAsking, setIsAsking] = useState(false);
  const { id, label: name, detail } = offer;
  const isKey = offer.source === "environment";
  const needsConsent = useAppState((state) => state.auth?.secrets.canStore === false) && isKey;
  const Picture = isKey ? KeyRound : HardDrive;
  const accept = (consent: { consentFile?: boolean }) =>
    run(app.config.acceptOffer({ id, ...consent }), () => showToast(t("models.saved", { name })));
  return (
    <li className="flex items-center gap-3 px-3.5 py-3">
      <Picture size={17} aria-hidden className="shrink-0 text-faint" />
      <div className="min-w-0 flex-1">
        <p className="font-medium">{name}</p>
        <p className="truncate text-small text-soft">
          {toLine(isKey ? t("models.fromEnvironment") : t("models.fromServer"), detail)}
        </p>
      </div>
      <Button isBusy={isBusy} onClick={() => (needsConsent ? setIsAsking(true) : accept({}))}>
        {t("models.use")}
      </Button>
      <ConsentDialog
        isOpen={isAsking}
        onClose={() => setIsAsking(false)}
        onAgree={() => accept({ consentFile: true })}
      />
    </li>
  );
}
