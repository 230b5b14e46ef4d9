/** What screen readers are told without being asked. */
import { useTranslation } from "react-i18next";
import { useAppState } from "../../gateway/use-app.ts";
import { ToastArea } from "../../ui/toast.tsx";

/** Complete answers politely, errors at once. The counter makes the same text twice be read twice. */
export function LiveRegions() {
  const { t } = useTranslation();
  const { text, isUrgent, count } = useAppState((state) => state.announcement);
  return (
    <>
      <div role="status" aria-live="polite" className="sr-only">
        {isUrgent || count === 0 ? null : <span key={count}>{t("chat.announced", { text })}</span>}
      </div>
      <div role="alert" aria-live="assertive" className="sr-only">
        {isUrgent ? <span key={count}>{t("chat.failedAnnounce", { text })}</span> : null}
      </div>
    </>
  );
}

/** Passing messages, in the colours of the window. */
export function Toasts() {
  const { t } = useTranslation();
  const theme = useAppState((state) => state.preferences.theme);
  return <ToastArea theme={theme} label={t("common.notifications")} />;
}
