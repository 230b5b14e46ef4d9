/** A page beside the conversations: its title, what stands at its right, and on a phone the way to the list. */
import { Menu } from "lucide-react";
import type { ReactNode } from "react";
import { IconButton } from "./IconButton.tsx";

export interface PageProps {
  title: string;
  menuLabel: string;
  onMenu(): void;
  aside?: ReactNode;
  children: ReactNode;
}

export function Page({ title, menuLabel, onMenu, aside, children }: PageProps) {
  return (
    <main id="conversation" tabIndex={-1} aria-label={title} className="flex min-h-0 flex-1 flex-col outline-none">
      <header className="drag flex h-13 shrink-0 items-center gap-1 border-b border-line pr-2 pl-5 max-sm:pl-1.5">
        <IconButton className="sm:hidden" label={menuLabel} icon={<Menu size={18} aria-hidden />} onClick={onMenu} />
        <h1 className="min-w-0 flex-1 truncate text-[0.875rem] font-semibold">{title}</h1>
        {aside}
      </header>
      {children}
    </main>
  );
}
