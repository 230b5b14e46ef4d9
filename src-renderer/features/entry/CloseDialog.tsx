/** The question at the first close on Windows and Linux. Esc keeps the window open and asks again next time. */
import { useTranslation } from "react-i18next";
import type { DesktopBridge } from "#main/protocol/desktop.ts";
import { useApp, useAppState } from "../../gateway/use-app.ts";
import { Button } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";

export function CloseDialog({ bridge }: { bridge: DesktopBridge | undefined }) {
  const { t } = useTranslation();
  const app = useApp();
  const isOpen = useAppState((state) => state.dialog === "close");
  const close = () => app.store.setState({ dialog: "none" });
  const choose = (behaviour: "tray" | "quit") => {
    close();
    void bridge?.call("window.setCloseBehaviour", behaviour);
  };
  return (
    <Dialog
      isOpen={isOpen}
      onClose={close}
      title={t("closing.title")}
      description={t("closing.text")}
      closeLabel={t("common.close")}
      footer={
        <>
          <Button onClick={() => choose("quit")}>{t("closing.quit")}</Button>
          <Button look="primary" onClick={() => choose("tray")}>
            {t("closing.tray")}
          </Button>
        </>
      }
    />
  );
}
