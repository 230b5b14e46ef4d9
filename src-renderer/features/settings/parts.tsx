/** What pages of settings and others share: a section with its heading, a row of a setting, a line of facts. */
import { type ReactNode, useId } from "react";
import { Notice } from "../../ui/Notice.tsx";
import { Skeleton } from "../../ui/Skeleton.tsx";

/** What is known, in a line. */
export function toLine(...parts: (string | number | false | undefined)[]): string {
  return parts.filter(Boolean).join(" · ");
}

/** In place of something that was not read yet, or could not be. */
export function Pending({ error }: { error?: string | undefined }) {
  return error ? <Notice tone="danger">{error}</Notice> : <Skeleton className="h-40 w-full" />;
}

/** @param props.isPage a part of a page, where no heading stands between it and the page's own */
export function Section(props: { title: string; hint?: string; isPage?: boolean; children: ReactNode }) {
  const id = useId();
  const Heading = props.isPage ? "h2" : "h3";
  return (
    <section aria-labelledby={id} className={props.isPage ? "" : "mb-8 last:mb-0"}>
      <Heading id={id} className="text-base font-semibold">
        {props.title}
      </Heading>
      {props.hint ? <p className="mt-0.5 text-base text-soft">{props.hint}</p> : null}
      <div className="mt-3">{props.children}</div>
    </section>
  );
}

/** A setting: its name and what it does on the left, the control on the right. */
export function SettingRow({ name, hint, children }: { name: string; hint?: string; children: ReactNode }) {
  return (
    <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2 border-b border-line py-3.5 last:border-0">
      <div className="min-w-0">
        <p className="font-medium">{name}</p>
        {hint ? <p className="text-small text-soft">{hint}</p> : null}
      </div>
      {children}
    </div>
  );
}
