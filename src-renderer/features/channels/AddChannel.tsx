/** The platforms that are not set up, with a sentence each, and why one cannot run here. */
import { useTranslation } from "react-i18next";
import type { ChannelOffer } from "#main/protocol/methods/channels.ts";
import { cx } from "../../ui/class-names.ts";
import { ChannelMark } from "./ChannelMark.tsx";
import type { Opened } from "./setup/SetupDialog.tsx";

export interface AddChannelProps {
  offers: readonly ChannelOffer[];
  /** Nothing is set up yet: says what this is for. */
  isFirst: boolean;
  mayChange: boolean;
  onOpen(opened: Opened): void;
}

export function AddChannel({ offers, isFirst, mayChange, onOpen }: AddChannelProps) {
  const { t } = useTranslation();
  if (offers.length === 0) return null;
  return (
    <section aria-labelledby="channels-add">
      <h2 id="channels-add" className="text-base font-semibold">
        {t("channels.add")}
      </h2>
      <p className="mt-0.5 mb-3 text-soft">{isFirst ? t("channels.addFirst") : t("channels.addHint")}</p>
      <ul className="grid grid-cols-2 gap-3 max-sm:grid-cols-1">
        {offers.map((offer) => (
          <li key={offer.id} className="flex">
            <button
              type="button"
              disabled={!mayChange || offer.unavailable !== undefined}
              onClick={() => onOpen({ channel: offer.id, begin: "settings" })}
              className="flex w-full items-start gap-3 rounded-lg border border-line p-3.5 text-left enabled:hover:border-edge enabled:hover:bg-hover disabled:border-dashed"
            >
              <ChannelMark channel={offer.id} isFaint />
              <span className="min-w-0 flex-1">
                <span className={cx("block font-medium", offer.unavailable !== undefined && "text-soft")}>
                  {offer.label}
                </span>
                <span className="block text-small text-soft">{offer.unavailable ?? offer.summary}</span>
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
