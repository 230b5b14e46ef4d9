/** Who may write to a platform and what happens, as a sentence made from its settings. */
import { useTranslation } from "react-i18next";
import type { ChannelOffer } from "#main/protocol/methods/channels.ts";
import { type AccessRules, readAccess, toSentence } from "./rules.ts";

export interface AccessSentenceProps {
  offer: ChannelOffer;
  /** As they are being changed; those in force without. */
  rules?: AccessRules;
  className?: string;
}

export function AccessSentence({ offer, rules, className }: AccessSentenceProps) {
  const { t } = useTranslation();
  const parts = toSentence(rules ?? readAccess(offer.settings), offer.groups);
  return <p className={className}>{parts.map((part) => t(`access.${part}`)).join(" ")}</p>;
}
