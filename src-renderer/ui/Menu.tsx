/** A menu of actions that opens from a button. */
import { Menu as Base } from "@base-ui/react/menu";
import type { ReactElement, ReactNode } from "react";
import { cx } from "./class-names.ts";

export interface MenuAction {
  label: string;
  icon?: ReactNode;
  isDangerous?: boolean;
  /** Draws a line above. */
  isApart?: boolean;
  run(): void;
}

export const POPUP_LOOK =
  "max-h-(--available-height) min-w-44 overflow-y-auto rounded-lg border border-line bg-raised p-1 text-ink shadow-pop outline-none transition-opacity duration-100 data-ending-style:opacity-0 data-starting-style:opacity-0";
export const ITEM_LOOK =
  "flex h-8 cursor-default items-center gap-2 rounded-md px-2 text-base outline-none select-none data-highlighted:bg-hover data-disabled:opacity-50 touch:h-11";

/** @param trigger the button, named by itself */
export function Menu({ trigger, actions }: { trigger: ReactElement; actions: readonly MenuAction[] }) {
  return (
    <Base.Root modal={false}>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner align="end" sideOffset={4} className="z-50 outline-none">
          <Base.Popup className={POPUP_LOOK}>
            {actions.map((action) => (
              <div key={action.label} role="presentation">
                {action.isApart ? <Base.Separator className="my-1 h-px bg-line" /> : null}
                <Base.Item className={cx(ITEM_LOOK, action.isDangerous && "text-danger")} onClick={action.run}>
                  <span className="flex w-4 justify-center text-current opacity-80" aria-hidden>
                    {action.icon}
                  </span>
                  {action.label}
                </Base.Item>
              </div>
            ))}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
