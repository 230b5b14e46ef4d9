/** Markdown as soon as it can be drawn, and the same words plainly until then. */
import { lazy, Suspense } from "react";

const Markdown = lazy(() => import("./markdown/Markdown.tsx").then((m) => ({ default: m.Markdown })));

export function Prose({ text, isLive }: { text: string; isLive: boolean }) {
  return (
    <Suspense fallback={<div className="prose whitespace-pre-wrap">{text}</div>}>
      <Markdown text={text} isLive={isLive} />
    </Suspense>
  );
}
