/** Names of the usual reactions: Slack says `thumbsup`, everybody else 👍. Pure. */

/** By the name that Slack itself gives in events (its emoji data's `short_name`). */
const BY_NAME: Readonly<Record<string, string>> = {
  "+1": "👍",
  "-1": "👎",
  heart: "❤️",
  eyes: "👀",
  white_check_mark: "✅",
  x: "❌",
  tada: "🎉",
  joy: "😂",
  smile: "😄",
  cry: "😢",
  thinking_face: "🤔",
  open_mouth: "😮",
  fire: "🔥",
  clap: "👏",
  pray: "🙏",
  wave: "👋",
  ok_hand: "👌",
  rocket: "🚀",
  warning: "⚠️",
  question: "❓",
  hourglass_flowing_sand: "⏳",
  "100": "💯",
  thumbsup: "👍",
  thumbsdown: "👎",
};

/** The sign of a reaction; `:name:` for one that only Slack knows. A skin tone is left away. */
export function toEmoji(name: string): string {
  const plain = name.replace(/::skin-tone-\d$/, "");
  return Object.hasOwn(BY_NAME, plain) ? (BY_NAME[plain] ?? plain) : `:${plain}:`;
}

/** Slack's name of a sign, or of `:name:`; undefined when there is none. */
export function toEmojiName(emoji: string): string | undefined {
  const bare = (sign: string) => sign.replaceAll("\uFE0F", "");
  const named = Object.keys(BY_NAME).find((name) => bare(BY_NAME[name] ?? "") === bare(emoji));
  return named ?? /^:?([a-z0-9_+'-]+):?$/.exec(emoji)?.[1];
}
