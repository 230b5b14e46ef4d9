/** Chooses the model of a conversation: grouped by provider, found by typing. */
import { Combobox } from "@base-ui/react/combobox";
import { Check, ChevronDown, Search } from "lucide-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { ModelRow } from "#main/protocol/methods/config.ts";
import { useApp, useAppState } from "../../gateway/use-app.ts";
import { Badge } from "../../ui/Badge.tsx";
import { cx } from "../../ui/class-names.ts";
import { ITEM_LOOK } from "../../ui/Menu.tsx";
import { showToast } from "../../ui/toast.tsx";
import { useWork } from "../settings/use-work.ts";
import { useActiveModel } from "./use-active-model.ts";

interface ModelGroup {
  value: string;
  items: ModelRow[];
}

/** Models by provider, in the order they came. Pure. */
function toModelGroups(models: readonly ModelRow[]): ModelGroup[] {
  return [...Map.groupBy(models, ({ provider }) => provider)].map(([value, items]) => ({ value, items }));
}

export function ModelPicker({ sessionKey }: { sessionKey: string }) {
  const { t } = useTranslation();
  const app = useApp();
  const { run } = useWork();
  const models = useAppState((state) => state.models);
  const { row, ref, isDemo } = useActiveModel(sessionKey);
  const groups = useMemo(() => toModelGroups(models), [models]);
  const choose = (model: ModelRow | null) => {
    if (!model || model.ref === ref) return;
    run(app.sessions.patch(sessionKey, { model: model.ref }), () => showToast(t("chat.modelChanged")));
  };
  return (
    <Combobox.Root
      items={groups}
      value={row ?? null}
      onValueChange={choose}
      itemToStringLabel={(model: ModelRow) => `${model.name} ${model.ref}`}
      isItemEqualToValue={(a: ModelRow, b: ModelRow) => a.ref === b.ref}
    >
      <Combobox.Trigger
        aria-label={t("chat.model", { name: row?.name ?? ref ?? t("common.none") })}
        className="no-drag inline-flex h-8 min-w-0 items-center max-sm:max-w-28 gap-1.5 rounded-md px-2 text-base text-soft select-none hover:bg-hover hover:text-ink data-popup-open:bg-hover touch:h-11"
      >
        {isDemo ? (
          <Badge tone="warn">{t("chat.demoBadge")}</Badge>
        ) : (
          <span className="truncate">{row?.name ?? ref ?? t("chat.chooseModel")}</span>
        )}
        <ChevronDown size={14} aria-hidden className="shrink-0 text-faint" />
      </Combobox.Trigger>
      <Combobox.Portal>
        <Combobox.Positioner align="end" sideOffset={4} className="z-50 outline-none">
          <Combobox.Popup
            aria-label={t("chat.chooseModel")}
            className="flex max-h-[min(26rem,var(--available-height))] w-80 max-w-[calc(100vw-1rem)] flex-col overflow-hidden rounded-lg border border-line bg-raised shadow-pop transition-opacity duration-100 data-ending-style:opacity-0 data-starting-style:opacity-0"
          >
            <div className="flex items-center gap-2 border-b border-line px-3">
              <Search size={14} aria-hidden className="text-faint" />
              <Combobox.Input
                aria-label={t("chat.searchModels")}
                placeholder={t("chat.searchModels")}
                className="h-9 min-w-0 flex-1 bg-transparent text-base outline-none touch:h-11 touch:text-[1rem]"
              />
            </div>
            <Combobox.Empty>
              <p className="px-3 py-4 text-base text-soft">{t("chat.noModels")}</p>
            </Combobox.Empty>
            <Combobox.List className="min-h-0 flex-1 overflow-y-auto p-1 empty:hidden">
              {(group: ModelGroup) => (
                <Combobox.Group key={group.value} items={group.items}>
                  <Combobox.GroupLabel className="px-2 pt-2 pb-1 text-micro font-medium text-faint">
                    {group.value}
                  </Combobox.GroupLabel>
                  <Combobox.Collection>
                    {(model: ModelRow) => <Option key={model.ref} model={model} />}
                  </Combobox.Collection>
                </Combobox.Group>
              )}
            </Combobox.List>
            <button
              type="button"
              onClick={() => app.store.setState({ dialog: "settings", settingsPage: "models" })}
              className="h-9 border-t border-line px-3 text-left text-base text-soft outline-offset-[-2px] hover:bg-hover hover:text-ink touch:h-11"
            >
              {t("chat.manageModels")}
            </button>
          </Combobox.Popup>
        </Combobox.Positioner>
      </Combobox.Portal>
    </Combobox.Root>
  );
}

function Option({ model }: { model: ModelRow }) {
  const { t } = useTranslation();
  return (
    <Combobox.Item value={model} disabled={!model.available} className={cx(ITEM_LOOK, "h-auto min-h-8 py-1")}>
      <span className="flex w-4 shrink-0 justify-center">
        <Combobox.ItemIndicator>
          <Check size={14} aria-hidden className="text-accent" />
        </Combobox.ItemIndicator>
      </span>
      <span className="min-w-0 flex-1">
        <span className="block truncate">{model.name}</span>
        {model.available ? null : (
          <span className="block truncate text-small text-faint">
            {model.unavailableReason ?? t("chat.unavailable")}
          </span>
        )}
      </span>
      {model.provider === "demo" ? <Badge tone="warn">{t("chat.demoBadge")}</Badge> : null}
      {model.isDefault ? <Badge>{t("chat.defaultModel")}</Badge> : null}
    </Combobox.Item>
  );
}
