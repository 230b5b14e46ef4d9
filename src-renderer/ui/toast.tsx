/** The only way to show a passing message, so that the library behind it can change. */
import { toast, Toaster } from "sonner";

export interface ToastOptions {
  /** One thing to do about it. */
  action?: { label: string; run(): void };
  /** Milliseconds; an action needs time to be read. */
  durationMs?: number;
  /** A message with this id takes the place of one before, and can be taken away. */
  id?: string;
}

export function showToast(text: string, options: ToastOptions = {}): void {
  const { action, durationMs, id } = options;
  toast(text, {
    duration: durationMs ?? (action ? 8000 : 3500),
    ...(id ? { id } : {}),
    ...(action ? { action: { label: action.label, onClick: action.run } } : {}),
  });
}

/** Takes a passing message away before its time. */
export function dropToast(id: string): void {
  toast.dismiss(id);
}

export function showError(text: string): void {
  toast.error(text, { duration: 8000 });
}

/** Where the toasts appear. Once, at the root. */
export function ToastArea({ theme, label }: { theme: "light" | "dark" | "system"; label: string }) {
  return (
    <Toaster
      theme={theme}
      position="top-center"
      containerAriaLabel={label}
      offset={{ top: "4rem" }}
      mobileOffset={{ top: "4rem" }}
      toastOptions={{
        classNames: {
          toast: "!rounded-lg !border !border-line !bg-raised !font-sans !text-base !text-ink !shadow-pop !gap-2.5",
          actionButton: "!h-7 !rounded-md !bg-hover !px-2.5 !text-small !font-medium !text-accent",
          error: "!text-danger",
        },
      }}
    />
  );
}
