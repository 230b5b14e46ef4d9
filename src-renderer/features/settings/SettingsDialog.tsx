/** The settings: a list of pages on the left, the page on the right; on phones the list is a row on top. */
import { Tabs } from "@base-ui/react/tabs";
import { Activity, Info, ListChecks, Palette, ScrollText, Smartphone, Sparkles } from "lucide-react";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { SettingsPage } from "../../gateway/store.ts";
import { useApp, useAppState } from "../../gateway/use-app.ts";
import { Dialog } from "../../ui/Dialog.tsx";
import { AuditPage } from "../audit/AuditPage.tsx";
import { AboutPage } from "./AboutPage.tsx";
import { AppearancePage } from "./AppearancePage.tsx";
import { DevicesPage } from "./DevicesPage.tsx";
import { LogsPage } from "./LogsPage.tsx";
import { ModelsPage } from "./ModelsPage.tsx";
import { UsagePage } from "./UsagePage.tsx";

const PAGES = [
  { page: "models", Icon: Sparkles, Content: ModelsPage },
  { page: "appearance", Icon: Palette, Content: AppearancePage },
  { page: "devices", Icon: Smartphone, Content: DevicesPage },
  { page: "usage", Icon: Activity, Content: UsagePage },
  { page: "audit", Icon: ListChecks, Content: AuditPage },
  { page: "logs", Icon: ScrollText, Content: LogsPage },
  { page: "about", Icon: Info, Content: AboutPage },
] as const;

export function SettingsDialog() {
  const { t } = useTranslation();
  const list = useRef<HTMLDivElement>(null);
  const app = useApp();
  const page = useAppState((state) => state.settingsPage);
  useEffect(() => {
    // On a phone the pages are a row that scrolls.
    list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [page]);
  const pending = useAppState((state) => state.devices?.pending.length ?? 0);
  return (
    <Dialog
      isOpen
      onClose={() => app.store.setState({ dialog: "none" })}
      title={t("settings.title")}
      closeLabel={t("common.close")}
      initialFocus={() => list.current?.querySelector<HTMLElement>("[aria-selected=true]") ?? null}
      className="h-[min(44rem,100%)] max-w-[54rem]"
    >
      <Tabs.Root
        value={page}
        onValueChange={(next) => app.store.setState({ settingsPage: next as SettingsPage })}
        orientation="vertical"
        className="mt-2 flex min-h-0 flex-1 border-t border-line max-sm:flex-col"
      >
        <Tabs.List
          ref={list}
          aria-label={t("settings.pages")}
          className="flex w-52 shrink-0 flex-col gap-0.5 overflow-auto border-r border-line bg-side p-2 max-sm:w-full max-sm:flex-row max-sm:border-r-0 max-sm:border-b"
        >
          {PAGES.map(({ page: name, Icon }) => (
            <Tabs.Tab
              key={name}
              value={name}
              className="flex h-8 shrink-0 items-center gap-2.5 rounded-md px-2.5 text-left text-base text-soft outline-offset-[-2px] hover:bg-hover hover:text-ink data-active:bg-press data-active:font-medium data-active:text-ink touch:h-11"
            >
              <Icon size={15} aria-hidden />
              {t(`settings.${name}`)}
              {name === "devices" && pending > 0 ? (
                <span className="ml-auto rounded-full bg-warn-tint px-1.5 text-micro font-semibold text-warn tabular-nums">
                  {pending}
                </span>
              ) : null}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {PAGES.map(({ page: name, Content }) => (
          <Tabs.Panel
            key={name}
            value={name}
            className="min-h-0 min-w-0 flex-1 overflow-y-auto px-6 py-5 outline-offset-[-2px] max-sm:px-4"
          >
            <Content />
          </Tabs.Panel>
        ))}
      </Tabs.Root>
    </Dialog>
  );
}
