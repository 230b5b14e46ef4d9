/** `find`: the tests and actions that only look. Source: GNU findutils manual, find(1). */
import { literalOf, patternOf, type Word } from "../shell/ast.ts";
import { mayBecomeOption } from "./options.ts";

const ALONE: ReadonlySet<string> = new Set([
  ...["-H", "-L", "-P", "-depth", "-d", "-empty", "-nouser", "-nogroup", "-readable", "-writable", "-executable"],
  ...["-not", "!", "-a", "-and", "-o", "-or", "(", ")", ",", "-true", "-false", "-print", "-print0", "-ls", "-prune"],
  ...["-quit", "-xdev", "-mount", "-follow", "-daystart", "-noleaf", "-ignore_readdir_race"],
]);
const WITH_VALUE: ReadonlySet<string> = new Set([
  ...["-name", "-iname", "-path", "-ipath", "-wholename", "-iwholename", "-regex", "-iregex", "-regextype", "-type"],
  ...["-xtype", "-size", "-mtime", "-mmin", "-atime", "-amin", "-ctime", "-cmin", "-newer", "-anewer", "-cnewer"],
  ...["-newermt", "-newerat", "-newerct", "-maxdepth", "-mindepth", "-perm", "-user", "-group", "-uid", "-gid"],
  ...["-links", "-inum", "-samefile", "-fstype", "-lname", "-ilname", "-used", "-printf"],
]);

/** Why the words of a `find` are not known to be harmless, or undefined when they are. */
export function checkFind(words: readonly Word[]): string | undefined {
  for (let at = 0; at < words.length; at++) {
    const word = words[at];
    if (word === undefined) break;
    // A name that a glob finds may be `-delete`.
    if (mayBecomeOption(word)) return `${word.raw} may become an action of find`;
    const text = patternOf(word);
    const looksLikeAction = text.startsWith("-") || ["(", ")", "!", ","].includes(text);
    if (!looksLikeAction) continue;
    if (literalOf(word) === undefined) return `${word.raw} is an option that the shell would complete`;
    if (ALONE.has(text)) continue;
    if (!WITH_VALUE.has(text)) return `find's ${text} is not known to be harmless`;
    const value = words[++at];
    if (value === undefined || literalOf(value) === undefined) return `the value of find's ${text} is not plain`;
  }
  return undefined;
}
