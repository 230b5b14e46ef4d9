/** Hundreds of ways to write "this machine" as the host of a URL. Made, not collected: every base, length and form. */

const V4 = [127, 0, 0, 1] as const;

function bases(value: number): string[] {
  return [String(value), `0x${value.toString(16)}`, `0${value.toString(8)}`];
}

function combine(parts: readonly (readonly string[])[]): string[] {
  return parts.reduce<string[]>(
    (heads, part) => heads.flatMap((head) => part.map((tail) => (head === "" ? tail : `${head}.${tail}`))),
    [""],
  );
}

/** The same with capitals and more zeros. */
function looseBases(value: number): string[] {
  return [...bases(value), `0X${value.toString(16).toUpperCase()}`, `000${value.toString(8)}`];
}

/** 127.0.0.1 with one to four parts, each in decimal, octal or hex. */
function numericForms(): string[] {
  const four = combine(V4.map(bases));
  const three = combine([looseBases(127), looseBases(0), looseBases(1)]);
  const two = combine([looseBases(127), looseBases(1)]);
  const padded = ["0000177.0.0.1", "0x0000007f.0.0.1", "0X7F.0X0.0X0.0X1", "127.000.000.001", "0x7F000001"];
  const others = ["127.1.2.3", "127.255.255.254", "0.0.0.0", "0", "127.0.0.1.", "127.1.", "2130706433.", "0x7f.1."];
  return [...four, ...three, ...two, ...bases(0x7f000001), ...padded, ...others];
}

const FULL_WIDTH = "０１２３４５６７８９";
const CIRCLED = "⓪①②③④⑤⑥⑦⑧⑨";
const BOLD = [..."𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗"];
const DOTS = ["。", "．", "｡"];

/** Digits and dots of other scripts, escapes, and names hidden beside the address. */
function disguisedForms(): string[] {
  const swap = (digits: ArrayLike<string>) => "127.0.0.1".replace(/\d/g, (digit) => digits[Number(digit)] ?? digit);
  const digits = [swap(FULL_WIDTH), swap(CIRCLED), swap(BOLD), "１27.0.0.1", "127.0.0.①"];
  const dotted = DOTS.flatMap((dot) => [`127${dot}0${dot}0${dot}1`, `127${dot}1`, `127.0.0${dot}1`]);
  const escaped = [...Array(9).keys()].map((at) => {
    const host = "127.0.0.1";
    return `${host.slice(0, at)}%${host.charCodeAt(at).toString(16)}${host.slice(at + 1)}`;
  });
  const names = ["localhost", "LOCALHOST", "localhost.", "LocalHost.LocalDomain", "a.localhost", "loc\u00adalhost"];
  const script = ["ｌｏｃａｌｈｏｓｔ", "ⓛocalhost", "localhost%2e", "%6cocalhost", "local\u200bhost"];
  const users = [
    "example.com@127.0.0.1",
    "example.com:80@127.0.0.1",
    "a:b@127.1",
    "example.com%00@127.0.0.1",
    "@127.0.0.1",
  ];
  const tricks = [
    "example.com\\@127.0.0.1",
    "127.0.0.1\t",
    "127.0.0.1%20",
    "\t127.0.0.1",
    "127.0.0.1%00",
    "127.0.0.1;",
  ];
  return [...digits, ...dotted, ...escaped, ...names, ...script, ...users, ...tricks];
}

/** ::1 and 127.0.0.1 inside IPv6: mapped, compatible, translated, tunnelled, with zones. In brackets. */
function ipv6Forms(): string[] {
  const hidden = ["7f00:1", "7F00:0001", "127.0.0.1", "127.0.0.2", "7f01:203"];
  const prefixes = [
    "::",
    "::ffff:",
    "::FFFF:",
    "0:0:0:0:0:ffff:",
    "0000:0000:0000:0000:0000:ffff:",
    "::ffff:0:",
    "64:ff9b::",
    "64:ff9b:1::",
  ];
  const embedded = prefixes.flatMap((prefix) => hidden.map((last) => `${prefix}${last}`));
  const tunnels = ["2002:7f00:1::", "2002:7f00:0001::1", "2001:0:5ef5:79fd:0:0:80ff:fffe", "2001::80ff:fffe"];
  const isatap = ["fe80::5efe:7f00:1", "2a00:1450::5efe:7f00:1", "2a00:1450::200:5efe:127.0.0.1"];
  const own = [
    "::1",
    "0::1",
    "::0:1",
    "0:0:0:0:0:0:0:1",
    "0000:0000:0000:0000:0000:0000:0000:0001",
    "0:0::0:1",
    "::",
    "0::0",
  ];
  const runs = [...Array(7).keys()].flatMap((count) => [
    `${"0:".repeat(count)}:1`,
    `${"0000:".repeat(count)}:0001`,
    `::${"0:".repeat(Math.min(count, 5))}1`,
  ]);
  const local = ["fe80::1", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "febf::1"];
  const zones = ["::1%25lo", "::1%lo", "fe80::1%25lo", "fe80::1%251", "::1%250", "::ffff:127.0.0.1%25lo"];
  const odd = ["::ffff:0x7f.1", "::ffff:127.1", "::ffff:2130706433", "::1.", ":::1", "1::", "::00001"];
  return [...embedded, ...tunnels, ...isatap, ...own, ...runs, ...local, ...zones, ...odd].map((form) => `[${form}]`);
}

/** Hosts as they would stand in a URL, without repeats. */
export function spellingsOfThisMachine(): { v4: string[]; v6: string[] } {
  const v4 = [...new Set([...numericForms(), ...disguisedForms()])];
  const mixed = v4.filter((form) => /^0x[0-9a-f]/.test(form)).map((form) => form.toUpperCase());
  return { v4: [...new Set([...v4, ...mixed])], v6: [...new Set(ipv6Forms())] };
}

/** What a name server may answer with instead, in plain notation and not. */
export const PRIVATE_ANSWERS: readonly string[] = [
  ..."127.0.0.1 127.0.0.2 127.255.255.255 0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.127.255.254".split(
    " ",
  ),
  ..."169.254.169.254 169.254.0.1 172.16.0.1 172.31.255.255 192.0.0.192 192.0.2.1 192.88.99.1 192.168.0.1".split(" "),
  ..."198.18.0.1 198.19.255.255 198.51.100.7 203.0.113.9 224.0.0.1 239.1.1.1 240.0.0.1 255.255.255.255".split(" "),
  ..."168.63.129.16 100.100.100.200 ::1 :: ::ffff:127.0.0.1 ::ffff:7f00:1 ::127.0.0.1 64:ff9b::7f00:1".split(" "),
  ..."64:ff9b::a9fe:a9fe 64:ff9b:1::7f00:1 2002:7f00:1:: 2001:0:1::1 fc00::1 fd00:ec2::254 fe80::1 fe80::1%lo".split(
    " ",
  ),
  ..."fec0::1 ff02::1 2001:db8::1 3fff::1 100::1 5f00::1 2a00:1450::5efe:7f00:1 0x7f.1 127.1 2130706433 x".split(" "),
];
