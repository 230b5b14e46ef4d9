/** Chat platforms: who waits to be let in, what did not go out, how each one stands, and those that can be added. */
import { Menu as MenuIcon, MessagesSquare } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { may } from "../../gateway/store.ts";
import { useApp, useAppState } from "../../gateway/use-app.ts";
import { Button } from "../../ui/Button.tsx";
import { EmptyState } from "../../ui/EmptyState.tsx";
import { IconButton } from "../../ui/IconButton.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { Skeleton } from "../../ui/Skeleton.tsx";
import { AddChannel } from "./AddChannel.tsx";
import { ChannelCard } from "./ChannelCard.tsx";
import { Outbox } from "./Outbox.tsx";
import { Pairings } from "./Pairings.tsx";
import { type Opened, SetupDialog } from "./setup/SetupDialog.tsx";

export function ChannelsPage() {
  const { t } = useTranslation();
  const app = useApp();
  return (
    <main
      id="conversation"
      tabIndex={-1}
      aria-label={t("channels.title")}
      className="flex min-h-0 flex-1 flex-col outline-none"
    >
      <header className="drag flex h-13 shrink-0 items-center gap-1 border-b border-line pr-2 pl-5 max-sm:pl-1.5">
        <IconButton
          className="sm:hidden"
          label={t("chat.menu")}
          icon={<MenuIcon size={18} aria-hidden />}
          onClick={() => app.store.setState({ isDrawerOpen: true })}
        />
        <h1 className="min-w-0 flex-1 truncate text-[0.875rem] font-semibold">{t("channels.title")}</h1>
      </header>
      <div className="min-h-0 flex-1 overflow-y-auto">
        <div className="mx-auto flex w-full max-w-[46rem] flex-col gap-8 px-6 py-6 max-sm:px-4">
          <Content />
        </div>
      </div>
    </main>
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
  return (
    <>
      {status === "error" ? (
        <Notice
          tone="danger"
          role="alert"
          action={
            <Button size="small" onClick={() => void app.channels.refresh()}>
              {t("common.retry")}
            </Button>
          }
        >
          <p className="font-medium">{t("channels.readFailed")}</p>
          <p className="text-small">{error}</p>
        </Notice>
      ) : null}
      {mayChange ? null : <Notice>{t("settings.noRight")}</Notice>}
      <Pairings />
      <Outbox />
      {configured.length > 0 ? (
        <section aria-labelledby="channels-yours">
          <h2 id="channels-yours" className="mb-3 text-base font-semibold">
            {t("channels.yours")}
          </h2>
          <ul className="flex flex-col gap-3">
            {configured.map((offer) => (
              <ChannelCard key={offer.id} offer={offer} mayChange={mayChange} onOpen={setOpened} />
            ))}
          </ul>
        </section>
      ) : null}
      <AddChannel
        offers={offers.filter((offer) => !offer.isConfigured)}
        isFirst={configured.length === 0}
        mayChange={mayChange}
        onOpen={setOpened}
      />
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
