/** A choice of one among few. */
import { Select as Base } from "@base-ui/react/select";
import { Check, ChevronsUpDown } from "lucide-react";
import { cx } from "./class-names.ts";
import { ITEM_LOOK, POPUP_LOOK } from "./Menu.tsx";

export interface SelectProps<T extends string> {
  label: string;
  value: T;
  options: readonly { value: T; label: string }[];
  onChange(value: T): void;
  placeholder?: string;
  className?: string;
}

export function Select<T extends string>({ label, value, options, onChange, placeholder, className }: SelectProps<T>) {
  return (
    <Base.Root
      value={value === "" ? null : value}
      items={options as { value: T; label: string }[]}
      onValueChange={(next) => (next === null ? undefined : onChange(next))}
    >
      <Base.Trigger
        aria-label={label}
        className={cx(
          "flex h-8 min-w-36 items-center justify-between gap-2 rounded-md border border-edge bg-raised px-2.5 text-base touch:h-11",
          "select-none hover:bg-hover data-popup-open:bg-hover",
          className,
        )}
      >
        <span className="min-w-0 truncate">
          <Base.Value placeholder={placeholder} />
        </span>
        <Base.Icon className="text-faint">
          <ChevronsUpDown size={14} aria-hidden />
        </Base.Icon>
      </Base.Trigger>
      <Base.Portal>
        <Base.Positioner sideOffset={4} alignItemWithTrigger={false} className="z-50 outline-none">
          <Base.Popup className={POPUP_LOOK}>
            {options.map((option) => (
              <Base.Item key={option.value} value={option.value} className={cx(ITEM_LOOK, "pr-7")}>
                <span className="flex w-4 justify-center">
                  <Base.ItemIndicator>
                    <Check size={14} aria-hidden />
                  </Base.ItemIndicator>
                </span>
                <Base.ItemText>{option.label}</Base.ItemText>
              </Base.Item>
            ))}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
