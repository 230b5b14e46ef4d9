/** Chat platforms: who waits to be let in, what did not go out, how each one stands, and those that can be added. */
import { MessagesSquare } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { may } from "../../gateway/store.ts";
import { useApp, useAppState } from "../../gateway/use-app.ts";
import { Button } from "../../ui/Button.tsx";
import { EmptyState } from "../../ui/EmptyState.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { Page } from "../../ui/Page.tsx";
import { Skeleton } from "../../ui/Skeleton.tsx";
import { Section } from "../settings/parts.tsx";
import { ChannelCard, OfferCard } from "./ChannelCard.tsx";
import { Outbox } from "./Outbox.tsx";
import { Pairings } from "./Pairings.tsx";
import { type Opened, SetupDialog } from "./setup/SetupDialog.tsx";

export function ChannelsPage() {
  const { t } = useTranslation();
  const { store } = useApp();
  return (
    <Page title={t("channels.title")} menuLabel={t("chat.menu")} onMenu={() => store.setState({ isDrawerOpen: true })}>
      <div className="min-h-0 flex-1 overflow-y-auto">
        <div className="mx-auto flex w-full max-w-[46rem] flex-col gap-8 px-6 py-6 max-sm:px-4">
          <Content />
        </div>
      </div>
    </Page>
  );
}

function Content() {
  const { t } = useTranslation();
  const app = useApp();
  const { status, error, offers } = useAppState((state) => state.channels);
  const mayChange = useAppState((state) => may(state, "operator.admin"));
  const [opened, setOpened] = useState<Opened>();
  if (status === "none") {
    return (
      <EmptyState icon={<MessagesSquare size={22} aria-hidden />} title={t("channels.unknown")}>
        {t("channels.unknownHint")}
      </EmptyState>
    );
  }
  if (offers.length === 0 && status === "loading") return <Loading />;
  const configured = offers.filter((offer) => offer.isConfigured);
  const rest = offers.filter((offer) => !offer.isConfigured);
  const isFirst = configured.length === 0;
  const retry = (
    <Button size="small" onClick={() => void app.channels.refresh()}>
      {t("common.retry")}
    </Button>
  );
  return (
    <>
      {status === "error" ? (
        <Notice tone="danger" role="alert" action={retry}>
          <p className="font-medium">{t("channels.readFailed")}</p>
          <p className="text-small">{error}</p>
        </Notice>
      ) : null}
      {mayChange ? null : <Notice>{t("settings.noRight")}</Notice>}
      <Pairings />
      <Outbox />
      {configured.length > 0 ? (
        <Section isPage title={t("channels.yours")}>
          <ul className="flex flex-col gap-3">
            {configured.map((offer) => (
              <ChannelCard key={offer.id} offer={offer} mayChange={mayChange} onOpen={setOpened} />
            ))}
          </ul>
        </Section>
      ) : null}
      {rest.length > 0 ? (
        <Section isPage title={t("channels.add")} hint={t(isFirst ? "channels.addFirst" : "channels.addHint")}>
          <ul className="grid grid-cols-2 gap-3 max-sm:grid-cols-1">
            {rest.map((offer) => (
              <OfferCard key={offer.id} offer={offer} mayChange={mayChange} onOpen={setOpened} />
            ))}
          </ul>
        </Section>
      ) : null}
      {opened ? (
        <SetupDialog key={`${opened.channel}-${opened.begin}`} opened={opened} onClose={() => setOpened(undefined)} />
      ) : null}
    </>
  );
}

function Loading() {
  const { t } = useTranslation();
  return (
    <div role="status" aria-label={t("common.loading")} className="flex flex-col gap-3">
      <Skeleton className="h-4 w-32" />
      <Skeleton className="h-28 w-full rounded-lg" />
      <Skeleton className="h-28 w-full rounded-lg" />
      <div className="mt-5 grid grid-cols-2 gap-3 max-sm:grid-cols-1">
        {[1, 2, 3, 4].map((at) => (
          <Skeleton key={at} className="h-20 rounded-lg" />
        ))}
      </div>
    </div>
  );
}
