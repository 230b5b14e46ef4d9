/**
 * What a model wrote, drawn while it arrives. Raw HTML stays text, nothing is fetched (a remote picture is a link), and
 * a link says where it really goes. Loaded apart from the first screen.
 */
import { ExternalLink, ImageOff } from "lucide-react";
import { type CSSProperties, memo, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { type Components, type ExtraProps, Streamdown, useIsCodeFenceIncomplete } from "streamdown";
import { openLink, toSafeLink } from "../../../gateway/bridge.ts";
import { CodeBlock } from "./CodeBlock.tsx";

type Node = NonNullable<ExtraProps["node"]>;

function textOfNode(node: Node | Node["children"][number] | undefined): string {
  if (!node) return "";
  if (node.type === "text") return node.value;
  return "children" in node ? node.children.map((child) => textOfNode(child as Node)).join("") : "";
}

function Fence({ node }: ExtraProps) {
  const isOpen = useIsCodeFenceIncomplete();
  const code = node?.children.find((child) => child.type === "element");
  const names = code?.type === "element" ? code.properties["className"] : undefined;
  const language = (Array.isArray(names) ? names : [])
    .map(String)
    .find((name) => name.startsWith("language-"))
    ?.slice("language-".length);
  return <CodeBlock code={textOfNode(code as Node).replace(/\n$/, "")} language={language ?? ""} isOpen={isOpen} />;
}

function SafeLink({ href, children, node }: { href?: string; children?: ReactNode } & ExtraProps) {
  const url = toSafeLink(href);
  if (!url) return <span>{children}</span>;
  const where = url.host || url.pathname;
  const isPlain = textOfNode(node).includes(where);
  return (
    <OutLink href={url.href} title={url.href}>
      {children}
      {isPlain ? null : <span className="ml-1 text-small text-faint no-underline">{`(${where})`}</span>}
    </OutLink>
  );
}

/** Leads outside of the app, and never in this window. */
function OutLink(props: { href: string; title?: string; className?: string; children: ReactNode }) {
  const { href, children, ...rest } = props;
  return (
    <a
      {...rest}
      href={href}
      target="_blank"
      rel="noopener noreferrer"
      onClick={(event) => {
        event.preventDefault();
        openLink(href);
      }}
    >
      {children}
    </a>
  );
}

function Picture({ src, alt }: { src?: string | Blob; alt?: string }) {
  const { t } = useTranslation();
  if (typeof src !== "string" || src === "") return null;
  if (/^data:image\/(?:png|jpeg|gif|webp);base64,/.test(src)) {
    return <img src={src} alt={alt ?? ""} className="my-3 max-h-96 max-w-full rounded-lg border border-line" />;
  }
  const url = toSafeLink(src);
  const host = url?.host ?? "";
  return (
    <span className="my-1 inline-flex max-w-full items-center gap-2 rounded-md border border-line bg-sunken px-2.5 py-1.5 text-base text-soft">
      <ImageOff size={15} aria-hidden className="shrink-0" />
      <span className="min-w-0 truncate">{t("chat.remoteImage", { host: host || t("common.none") })}</span>
      {url ? (
        <OutLink href={url.href} className="inline-flex items-center gap-1">
          {t("common.open")}
          <ExternalLink size={12} aria-hidden />
        </OutLink>
      ) : null}
    </span>
  );
}

function Table({ children }: { children?: ReactNode }) {
  return (
    <div className="block max-w-full overflow-x-auto rounded-lg border border-line" tabIndex={0}>
      <table>{children}</table>
    </div>
  );
}

/** The box of a task list. It shows a state and cannot be pressed. */
function TaskBox({ checked }: { checked?: boolean }) {
  const { t } = useTranslation();
  const label = checked ? t("chat.taskDone") : t("chat.taskOpen");
  return <input type="checkbox" checked={checked === true} readOnly disabled aria-label={label} />;
}

interface CellProps {
  children?: ReactNode;
  style?: CSSProperties;
}

/** Of all that a cell could bring along, only its alignment. */
function toAlign(style: CSSProperties | undefined): CSSProperties {
  return style?.textAlign ? { textAlign: style.textAlign } : {};
}

const HEADINGS = ["h1", "h2", "h3", "h4", "h5", "h6"] as const;
const PLAIN = [...HEADINGS, "p", "ul", "li", "blockquote", "strong", "thead", "tbody", "tr", "code"] as const;

const PARTS = {
  // Plain elements without the library's looks: ours are in `styles.css`.
  ...Object.fromEntries(PLAIN.map((Tag) => [Tag, ({ children }: { children?: ReactNode }) => <Tag>{children}</Tag>])),
  ol: ({ children, start }: { children?: ReactNode; start?: number }) => <ol start={start}>{children}</ol>,
  hr: () => <hr />,
  table: Table,
  th: ({ children, style }: CellProps) => <th style={toAlign(style)}>{children}</th>,
  td: ({ children, style }: CellProps) => <td style={toAlign(style)}>{children}</td>,
  pre: Fence,
  a: SafeLink,
  img: Picture,
  input: TaskBox,
} as Components;

/** Leaves addresses as they are: `SafeLink` and `Picture` decide. Its presence makes raw HTML text. */
const keepAddress = (address: string) => address;

export const Markdown = memo(function Markdown({ text, isLive }: { text: string; isLive: boolean }) {
  return (
    <Streamdown
      className="prose"
      components={PARTS}
      rehypePlugins={[]}
      urlTransform={keepAddress}
      isAnimating={isLive}
      parseIncompleteMarkdown={isLive}
      linkSafety={{ enabled: false }}
      controls={false}
    >
      {text}
    </Streamdown>
  );
});
