/** What the settings pages share: a section with its heading, a row of a setting, a line of facts. */
import { type ReactNode, useId } from "react";

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

export function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="flex justify-between gap-6 border-b border-line py-2.5 last:border-0">
      <dt className="shrink-0 text-soft">{name}</dt>
      <dd className="min-w-0 text-right tabular-nums [overflow-wrap:anywhere] select-text">{children}</dd>
    </div>
  );
}
