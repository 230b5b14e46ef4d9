/** A dialog over the app, with a title and an optional footer, and one that asks. Focus stays inside and goes back where it was. */
import { Dialog as Base } from "@base-ui/react/dialog";
import { X } from "lucide-react";
import { type ReactNode, type RefObject, useRef } from "react";
import { Button } from "./Button.tsx";
import { cx } from "./class-names.ts";

export interface DialogProps {
  isOpen: boolean;
  onClose(): void;
  title: string;
  /** Hides the title from sight, not from screen readers. */
  isTitleHidden?: boolean;
  description?: string;
  closeLabel: string;
  footer?: ReactNode;
  className?: string;
  /** Near the top, as a palette is; else in the middle. */
  isHigh?: boolean;
  /** A press beside it does not close it: what was typed would be lost. */
  isKept?: boolean;
  initialFocus?: RefObject<HTMLElement | null> | (() => HTMLElement | null);
  children?: ReactNode;
}

const BACKDROP =
  "fixed inset-0 bg-scrim transition-opacity duration-150 data-ending-style:opacity-0 data-starting-style:opacity-0";
const POPUP =
  "pointer-events-auto flex max-h-full min-h-0 w-full flex-col overflow-hidden rounded-lg border border-line bg-raised text-ink shadow-dialog outline-none transition-[opacity,scale] duration-150 ease-out data-ending-style:scale-98 data-ending-style:opacity-0 data-starting-style:scale-98 data-starting-style:opacity-0";

export function Dialog(props: DialogProps) {
  const { isOpen, onClose, title, isTitleHidden, description, closeLabel, footer, className, isHigh, initialFocus } =
    props;
  return (
    <Base.Root
      open={isOpen}
      disablePointerDismissal={props.isKept === true}
      onOpenChange={(open) => (open ? undefined : onClose())}
    >
      <Base.Portal>
        <Base.Backdrop className={BACKDROP} />
        <Base.Viewport
          className={cx(
            "pointer-events-none fixed inset-0 z-40 flex justify-center px-4 pb-4 max-sm:px-2",
            isHigh ? "items-start pt-[12vh] max-sm:pt-2" : "items-center pt-4",
          )}
        >
          <Base.Popup className={cx(POPUP, className ?? "max-w-md")} {...(initialFocus ? { initialFocus } : {})}>
            {isTitleHidden ? (
              <Base.Title className="sr-only">{title}</Base.Title>
            ) : (
              <div className="flex items-start gap-3 px-5 pt-4 pb-1">
                <div className="min-w-0 flex-1">
                  <Base.Title className="text-body font-semibold">{title}</Base.Title>
                  {description ? (
                    <Base.Description className="mt-1 text-base text-soft">{description}</Base.Description>
                  ) : null}
                </div>
                <Base.Close
                  aria-label={closeLabel}
                  className="-mr-2 inline-flex size-8 items-center justify-center rounded-md text-soft hover:bg-hover hover:text-ink touch:size-11"
                >
                  <X size={16} aria-hidden />
                </Base.Close>
              </div>
            )}
            {props.children}
            {footer ? <div className="flex justify-end gap-2 px-5 pt-3 pb-5 max-sm:flex-wrap">{footer}</div> : null}
          </Base.Popup>
        </Base.Viewport>
      </Base.Portal>
    </Base.Root>
  );
}

export interface ConfirmProps extends Pick<DialogProps, "isOpen" | "onClose" | "title" | "description" | "closeLabel"> {
  yes: string;
  no: string;
  /** It takes something away that does not come back. */
  isDangerous?: boolean;
  onYes(): void;
  children?: ReactNode;
}

/** Asks before something is done. The focus begins at "no", and a yes closes it first. */
export function Confirm({ yes, no, isDangerous, onYes, ...rest }: ConfirmProps) {
  const cancel = useRef<HTMLButtonElement>(null);
  const agree = () => {
    rest.onClose();
    onYes();
  };
  return (
    <Dialog
      {...rest}
      initialFocus={cancel}
      footer={
        <>
          <Button ref={cancel} onClick={rest.onClose}>
            {no}
          </Button>
          <Button look={isDangerous ? "danger" : "primary"} onClick={agree}>
            {yes}
          </Button>
        </>
      }
    />
  );
}
