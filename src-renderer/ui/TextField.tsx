/** A line of text, or several, with its label, a hint and an error in words. */
import { Field } from "@base-ui/react/field";
import type { InputHTMLAttributes } from "react";
import { cx } from "./class-names.ts";

export interface TextFieldProps extends Omit<InputHTMLAttributes<HTMLInputElement>, "onChange" | "value"> {
  label: string;
  isLabelHidden?: boolean;
  value: string;
  onChange(value: string): void;
  hint?: string;
  error?: string | undefined;
  inputClassName?: string;
  /** Several lines, as codes and ids are written. */
  isLong?: boolean;
}

const INPUT_LOOK =
  "h-8 w-full min-w-0 rounded-md border border-edge bg-raised px-2.5 text-base text-ink outline-none focus-visible:border-accent focus-visible:outline-2 focus-visible:outline-offset-0 focus-visible:outline-tint touch:h-11 touch:text-[1rem]";

const LONG_LOOK = "field-sizing-content h-auto! max-h-40 min-h-16 resize-none py-1.5 font-mono";

export function TextField(props: TextFieldProps) {
  const { label, isLabelHidden, value, onChange, hint, error, className, inputClassName, isLong, ...rest } = props;
  return (
    <Field.Root invalid={Boolean(error)} className={cx("flex min-w-0 flex-col gap-1.5", className)}>
      <Field.Label className={isLabelHidden ? "sr-only" : "text-base font-medium"}>{label}</Field.Label>
      <Field.Control
        {...rest}
        {...(isLong ? { render: <textarea rows={2} />, spellCheck: false } : {})}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
        className={cx(INPUT_LOOK, isLong && LONG_LOOK, error && "border-danger", inputClassName)}
      />
      {hint && !error ? <Field.Description className="text-small text-faint">{hint}</Field.Description> : null}
      {error ? (
        <Field.Error match className="text-small text-danger">
          {error}
        </Field.Error>
      ) : null}
    </Field.Root>
  );
}
