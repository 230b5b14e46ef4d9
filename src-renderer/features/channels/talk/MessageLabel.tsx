/** Who wrote a message that carries a name: small above it in a conversation of a platform, a badge elsewhere. */
import { useTranslation } from "react-i18next";
import { useAppState } from "../../../gateway/use-app.ts";
import { Badge } from "../../../ui/Badge.tsx";

/** True for a conversation on a platform: what was written there cannot be taken back here. */
export function useIsTalk(sessionKey: string): boolean {
  return useAppState((state) => state.sessions.some((row) => row.key === sessionKey && row.chat !== undefined));
}

export function MessageLabel({ label, sessionKey }: { label: string | undefined; sessionKey: string }) {
  const { t } = useTranslation();
  const isTalk = useIsTalk(sessionKey);
  if (!label) return null;
  if (!isTalk) return <Badge>{t("chat.injected", { label })}</Badge>;
  return (
    <p className="max-w-[85%] truncate text-small font-medium text-soft">
      <bdi>{label}</bdi>
    </p>
  );
}
