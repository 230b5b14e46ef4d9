/** Lines of text with a label, a hint and an error in words. */
import { Field } from "@base-ui/react/field";
import { cx } from "./class-names.ts";
import { INPUT_LOOK } from "./TextField.tsx";

export interface TextAreaProps {
  label: string;
  value: string;
  onChange(value: string): void;
  hint?: string;
  error?: string;
  placeholder?: string;
}

export function TextArea({ label, value, onChange, hint, error, placeholder }: TextAreaProps) {
  return (
    <Field.Root invalid={Boolean(error)} className="flex min-w-0 flex-col gap-1.5">
      <Field.Label className="text-base font-medium">{label}</Field.Label>
      <Field.Control
        render={<textarea rows={2} />}
        spellCheck={false}
        value={value}
        placeholder={placeholder}
        onChange={(event) => onChange(event.currentTarget.value)}
        className={cx(INPUT_LOOK, "field-sizing-content h-auto! max-h-40 min-h-16 resize-none py-1.5 font-mono")}
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
