/**
 * `ps`: whole words only. When procps cannot make sense of `-ef -o pid` it reads the same words again as BSD options, and
 * there `e` prints environments; so nothing passes that could fail on the first reading. Source: ps(1) of procps-ng.
 */
import { literalOf, type Word } from "../shell/ast.ts";

const UNIX = /^-(e|A|a|d|ef|Af|ea?f?w{0,2}|Afw{0,2}|eF|AF|el|Al|f|F|l|H|eH|efH|aux)$/;
const BSD = /^[axufjlrw]+$/;
const COLUMNS =
  "pid|ppid|pgid|sid|user|uid|group|gid|comm|args|cmd|command|etime|etimes|time|start|lstart|stime|stat|state|tty|pcpu|%cpu|pmem|%mem|rss|vsz|nice|ni|pri|nlwp|wchan|psr";
const LIST = new RegExp(`^(${COLUMNS})=?(,(${COLUMNS})=?)*$`);
const SORT = new RegExp(`^--sort=[+-]?(${COLUMNS})(,[+-]?(${COLUMNS}))*$`);
const PIDS = /^\d+(,\d+)*$/;

/** Why the words of a `ps` are not known to be harmless, or undefined when they are. */
export function checkPs(words: readonly Word[]): string | undefined {
  const texts = words.map(literalOf);
  // Kinds of words, each at most once: what is given twice can fail too.
  const seen = new Set<string>();
  for (let at = 0; at < texts.length; at++) {
    const kind = kindOf(texts[at], texts[at + 1]);
    if (kind === undefined || seen.has(kind)) return `${words[at]?.raw ?? ""} may make ps print environments`;
    seen.add(kind);
    if (kind === "columns" || kind === "pids") at++;
  }
  // Two formats, or two ways of writing options, are such a failure.
  const ways = ["columns", "unix", "bsd"].filter((kind) => seen.has(kind));
  return ways.length > 1 ? "ps may print environments" : undefined;
}

function kindOf(text: string | undefined, next: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  if (SORT.test(text)) return "sort";
  if (/^(-o|-eo|-Ao|axo|ao|xo)$/.test(text) && next !== undefined && LIST.test(next)) return "columns";
  if (text === "-p" && next !== undefined && PIDS.test(next)) return "pids";
  if (UNIX.test(text)) return "unix";
  return BSD.test(text) ? "bsd" : undefined;
}
