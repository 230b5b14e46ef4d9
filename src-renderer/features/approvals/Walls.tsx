/** What confines the commands that run: a word in a header, and on a press what is behind walls, what not, and why. */
import { Popover } from "@base-ui/react/popover";
import { BrickWallShield, ShieldOff } from "lucide-react";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { useApp, useAppState } from "../../gateway/use-app.ts";
import { POPUP_LOOK } from "../../ui/Menu.tsx";
import { cx } from "../../ui/class-names.ts";
import { useReport } from "../settings/use-report.ts";

/** Nothing when this gateway does not say. */
export function Walls() {
  const isKnown = useAppState((state) => state.methods.has("sandbox.status") && state.link.phase === "online");
  return isKnown ? <Badge /> : null;
}

function Badge() {
  const { t } = useTranslation();
  const app = useApp();
  const read = useCallback(() => app.acting.sandbox(), [app]);
  const { value } = useReport(read);
  if (!value) return null;
  const better = value.unavailable.map(({ adapter, reason }) => `${adapter}: ${reason}`);
  const isConfined = value.adapter !== "none";
  return (
    <Popover.Root>
      <Popover.Trigger
        className={cx(
          "no-drag inline-flex h-8 items-center justify-center gap-1.5 rounded-md px-2 text-small whitespace-nowrap select-none hover:bg-hover data-popup-open:bg-hover touch:h-11 touch:min-w-11",
          isConfined ? "text-soft" : "text-warn",
        )}
      >
        {isConfined ? <BrickWallShield size={14} aria-hidden /> : <ShieldOff size={14} aria-hidden />}
        <span className="max-w-40 truncate max-sm:sr-only">{value.label}</span>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Positioner align="end" sideOffset={4} className="z-50">
          <Popover.Popup className={cx(POPUP_LOOK, "w-80 max-w-[calc(100vw-1rem)] p-4!")}>
            <div className="flex flex-col gap-3">
              <Popover.Title className="text-base font-semibold">{value.label}</Popover.Title>
              <List title={t("approvals.confined")} items={value.confined} />
              <List title={t("approvals.notConfined")} items={value.notConfined} />
              <List title={t("approvals.betterWalls")} items={better} />
            </div>
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}

function List({ title, items }: { title: string; items: readonly string[] }) {
  if (items.length === 0) return null;
  return (
    <div>
      <p className="text-small font-medium text-faint">{title}</p>
      <ul className="mt-0.5 list-disc pl-4 text-small [overflow-wrap:anywhere]">
        {items.map((item) => (
          <li key={item}>{item}</li>
        ))}
      </ul>
    </div>
  );
}
