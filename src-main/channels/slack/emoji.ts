/** Names of the usual reactions: Slack says `thumbsup`, everybody else 👍. Pure. */

/** By the name that Slack itself gives in events (its emoji data's `short_name`). */
const SIGNS = new Map([
  ["+1", "👍"],
  ["-1", "👎"],
  ["heart", "❤️"],
  ["eyes", "👀"],
  ["white_check_mark", "✅"],
  ["x", "❌"],
  ["tada", "🎉"],
  ["joy", "😂"],
  ["smile", "😄"],
  ["cry", "😢"],
  ["thinking_face", "🤔"],
  ["fire", "🔥"],
  ["clap", "👏"],
  ["pray", "🙏"],
  ["wave", "👋"],
  ["ok_hand", "👌"],
  ["rocket", "🚀"],
  ["thumbsup", "👍"],
  ["thumbsdown", "👎"],
]);

/** The sign of a reaction; `:name:` for one that only Slack knows. A skin tone is left away. */
export function toEmoji(name: string): string {
  const plain = name.replace(/::skin-tone-\d$/, "");
  return SIGNS.get(plain) ?? `:${plain}:`;
}

/** Slack's name of a sign, or of `:name:`; undefined when there is none. */
export function toEmojiName(emoji: string): string | undefined {
  const bare = (sign: string) => sign.replaceAll("\uFE0F", "");
  const [named] = [...SIGNS].find(([, sign]) => bare(sign) === bare(emoji)) ?? [];
  return named ?? /^:?([a-z0-9_+'-]+):?$/.exec(emoji)?.[1];
}
