/** The conversation: header, messages or an empty beginning, composer; takes dropped files. */
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { chatOf } from "../../gateway/store.ts";
import { useAppState } from "../../gateway/use-app.ts";
import { AskedHere } from "../approvals/AskedHere.tsx";
import { ElevationBanner } from "../approvals/Elevation.tsx";
import { TakenBanner } from "../channels/talk/TakeOver.tsx";
import { ChatBody } from "./ChatBody.tsx";
import { ChatHeader } from "./ChatHeader.tsx";
import { Composer } from "./composer/Composer.tsx";
import { useEnclosures } from "./composer/use-enclosures.ts";
import { createCodePainter, PainterContext } from "./markdown/highlight.ts";
import { useStopKey } from "./use-stop-key.ts";

export function ChatView() {
  const key = useAppState((state) => state.activeKey);
  const painter = useMemo(createCodePainter, []);
  useStopKey(key);
  return (
    <PainterContext value={painter}>
      <Conversation key={key} sessionKey={key} />
    </PainterContext>
  );
}

function Conversation({ sessionKey }: { sessionKey: string }) {
  const { t } = useTranslation();
  const chat = useAppState((state) => chatOf(state, sessionKey));
  const enclosures = useEnclosures(sessionKey);
  const [isOver, setIsOver] = useState(false);
  return (
    <main
      id="conversation"
      tabIndex={-1}
      aria-label={t("chat.label")}
      className="relative flex min-h-0 flex-1 flex-col outline-none"
      onDragOver={(event) => {
        if (!event.dataTransfer.types.includes("Files")) return;
        event.preventDefault();
        setIsOver(true);
      }}
      onDragLeave={(event) =>
        event.currentTarget.contains(event.relatedTarget as Node | null) ? undefined : setIsOver(false)
      }
      onDrop={(event) => {
        event.preventDefault();
        setIsOver(false);
        void enclosures.add([...event.dataTransfer.files]);
      }}
    >
      <ChatHeader sessionKey={sessionKey} chat={chat} />
      <ElevationBanner sessionKey={sessionKey} />
      <TakenBanner sessionKey={sessionKey} />
      <ChatBody sessionKey={sessionKey} chat={chat} />
      <AskedHere sessionKey={sessionKey} chat={chat} />
      <Composer sessionKey={sessionKey} chat={chat} enclosures={enclosures} />
      {isOver ? (
        <div className="pointer-events-none absolute inset-2 z-10 flex items-center justify-center rounded-lg border-2 border-dashed border-accent bg-canvas/80 text-title font-medium text-accent">
          {t("composer.drop")}
        </div>
      ) : null}
    </main>
  );
}
