/** A mark of our own for each platform, so that a list can be read at a glance. Never the platform's logo. */
import {
  Headphones,
  Hash,
  LockKeyhole,
  type LucideIcon,
  MessageCircle,
  MessageSquareText,
  MessagesSquare,
  Phone,
  Send,
} from "lucide-react";

const MARKS: Readonly<Record<string, LucideIcon>> = {
  telegram: Send,
  discord: Headphones,
  whatsapp: Phone,
  twilio: MessageSquareText,
  slack: Hash,
  signal: LockKeyhole,
  imessage: MessageCircle,
};

/** The mark alone, as large as the text beside it. Silent: the name stands beside it or is said by `label`. */
export function ChannelGlyph({ channel, size = 14, label }: { channel: string; size?: number; label?: string }) {
  const Glyph = MARKS[channel] ?? MessagesSquare;
  if (!label) return <Glyph size={size} aria-hidden className="shrink-0" />;
  return (
    <span role="img" aria-label={label} title={label} className="inline-flex shrink-0">
      <Glyph size={size} aria-hidden />
    </span>
  );
}

/** The mark in its tile, for cards. */
export function ChannelMark({ channel, isFaint }: { channel: string; isFaint?: boolean }) {
  const look = isFaint ? "bg-hover text-faint" : "bg-tint text-accent";
  return (
    <span className={`inline-flex size-9 shrink-0 items-center justify-center rounded-md ${look}`}>
      <ChannelGlyph channel={channel} size={17} />
    </span>
  );
}
