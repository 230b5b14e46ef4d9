/** On or off, at once. Named by the words beside it or by a label of its own. */
import { Switch as Base } from "@base-ui/react/switch";

export interface SwitchProps {
  label: string;
  isOn: boolean;
  isDisabled?: boolean;
  onChange(isOn: boolean): void;
}

export function Switch({ label, isOn, isDisabled, onChange }: SwitchProps) {
  return (
    <Base.Root
      aria-label={label}
      checked={isOn}
      disabled={isDisabled === true}
      onCheckedChange={(next) => onChange(next)}
      className="relative inline-flex h-5 w-9 shrink-0 cursor-pointer items-center rounded-full bg-edge p-0.5 transition-colors duration-100 before:absolute before:-inset-x-1 before:-inset-y-3 before:content-[''] data-checked:bg-accent data-disabled:cursor-default data-disabled:opacity-50"
    >
      <Base.Thumb className="size-4 rounded-full bg-raised shadow-card transition-transform duration-100 data-checked:translate-x-4 data-checked:bg-on-accent" />
    </Base.Root>
  );
}
