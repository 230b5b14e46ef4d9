/** A conversation before its first message: what this is, and four ways to begin. */
import { useTranslation } from "react-i18next";
import { useApp, useAppState } from "../../gateway/use-app.ts";
import { Badge } from "../../ui/Badge.tsx";
import { Button } from "../../ui/Button.tsx";
import { Mark } from "../entry/Gate.tsx";

export function EmptyChat({ sessionKey, isDemo }: { sessionKey: string; isDemo: boolean }) {
  const { t } = useTranslation();
  const app = useApp();
  const isOnline = useAppState((state) => state.link.phase === "online");
  const names = isDemo
    ? (["demo1", "demo2", "demo3", "demo4"] as const)
    : (["idea1", "idea2", "idea3", "idea4"] as const);
  const starters = names.map((name) => ({ text: t(`chat.${name}`), hint: t(`chat.${name}Hint`) }));
  const begin = (text: string) => {
    void app.chat.send(sessionKey, text, []);
    // The pressed button goes away with the empty screen: the focus must not be lost with it.
    document.getElementById("composer-field")?.focus();
  };
  return (
    <div className="flex min-h-0 flex-1 flex-col items-center overflow-y-auto px-6 max-sm:px-4">
      <div className="my-auto w-full max-w-[40rem] py-8">
        <Mark size={34} />
        <h2 className="mt-5 text-display font-semibold tracking-[-0.02em] text-balance">{t("chat.emptyTitle")}</h2>
        {isDemo ? (
          <div className="mt-3 flex flex-col items-start gap-3">
            <p className="max-w-[34rem] text-body text-soft">
              <Badge tone="warn">{t("chat.demoBadge")}</Badge> {t("chat.emptyDemo")}
            </p>
            <Button onClick={() => app.store.setState({ dialog: "settings", settingsPage: "models" })}>
              {t("chat.connectModel")}
            </Button>
          </div>
        ) : null}
        <ul aria-label={t("chat.starters")} className="mt-8 grid grid-cols-2 gap-2.5 max-sm:grid-cols-1">
          {starters.map((starter) => (
            <li key={starter.text}>
              <button
                type="button"
                disabled={!isOnline}
                onClick={() => begin(starter.text)}
                className="flex h-full min-h-15 w-full flex-col justify-center rounded-lg border border-line bg-raised px-4 py-2.5 text-left transition-colors duration-100 hover:border-edge hover:bg-side disabled:opacity-50"
              >
                <span className="text-[0.875rem] font-medium">{starter.text}</span>
                <span className="text-small text-faint">{starter.hint}</span>
              </button>
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}
