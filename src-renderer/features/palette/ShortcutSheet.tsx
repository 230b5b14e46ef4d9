/** The list of shortcuts. */
import { useTranslation } from "react-i18next";
import { useApp } from "../../gateway/use-app.ts";
import { Dialog } from "../../ui/Dialog.tsx";
import { Keys, toKeyNames } from "../../ui/Keys.tsx";
import { FIELD_SHORTCUTS, SHORTCUTS } from "./commands.ts";

export function ShortcutSheet() {
  const { t } = useTranslation();
  const app = useApp();
  return (
    <Dialog
      isOpen
      onClose={() => app.store.setState({ dialog: "none" })}
      title={t("shortcuts.title")}
      closeLabel={t("common.close")}
      className="max-w-sm"
    >
      <dl className="divide-y divide-line overflow-y-auto px-5 pt-1 pb-4">
        {[...SHORTCUTS, ...FIELD_SHORTCUTS].map(({ name, keys }) => (
          <div key={name} className="flex h-9 items-center justify-between gap-4">
            <dt>{t(`shortcuts.${name}`)}</dt>
            <dd>
              <Keys keys={keys} />
              <span className="sr-only">{toKeyNames(keys).join(" ")}</span>
            </dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
