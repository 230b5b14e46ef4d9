/** What will go along with the message, each with a way to take it out. */
import { FileText, X } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Enclosures } from "./use-enclosures.ts";

export function EnclosureChips({ enclosures }: { enclosures: Enclosures }) {
  const { t } = useTranslation();
  if (enclosures.items.length === 0) return null;
  return (
    <ul className="flex flex-wrap gap-2 px-3 pt-3">
      {enclosures.items.map((item) => (
        <li
          key={item.id}
          className="relative flex h-13 items-center gap-2 rounded-md border border-line bg-sunken pr-8 pl-1.5 touch:pr-11"
        >
          {item.preview ? (
            <img src={item.preview} alt="" className="size-10 rounded-sm object-cover" />
          ) : (
            <FileText size={18} aria-hidden className="mx-1.5 text-faint" />
          )}
          <span className="max-w-36 truncate text-small">{item.name}</span>
          <button
            type="button"
            aria-label={t("composer.remove", { name: item.name })}
            onClick={() => enclosures.remove(item.id)}
            className="absolute top-0 right-0 inline-flex h-full w-8 items-center justify-center rounded-md text-faint hover:text-ink touch:w-11"
          >
            <X size={14} aria-hidden />
          </button>
        </li>
      ))}
    </ul>
  );
}
