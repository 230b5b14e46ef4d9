/** Asks for the gateway's token when nothing else opens the door, and says where it is found. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Link } from "../../gateway/link.ts";
import { useApp } from "../../gateway/use-app.ts";
import { Button } from "../../ui/Button.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { TextField } from "../../ui/TextField.tsx";
import { Gate } from "./Gate.tsx";

export function LoginScreen({ link, isDesktop }: { link: Extract<Link, { phase: "login" }>; isDesktop: boolean }) {
  const { t } = useTranslation();
  const app = useApp();
  const [token, setToken] = useState("");
  const reason = {
    revoked: t("entry.revoked"),
    "wrong-token": t("entry.wrongToken"),
    "code-used": t("entry.codeUsed"),
    locked: t("entry.locked"),
    refused: t("entry.refused", { message: link.message ?? "" }),
    "first-visit": undefined,
  }[link.reason];
  return (
    <Gate title={t("entry.loginTitle")}>
      <Notice tone="warn" role="alert" className="mt-3 mb-4">
        {reason}
      </Notice>
      {isDesktop ? (
        <Button look="primary" className="w-full" onClick={() => app.connection.loginWithBridge()}>
          {t("entry.connectAgain")}
        </Button>
      ) : (
        <>
          <p className="text-soft">{t("entry.loginHint")}</p>
          <pre className="mt-2 rounded-md bg-sunken px-3 py-2 font-mono text-base select-all">gatehouse open</pre>
          <form
            className="mt-5 flex flex-col gap-3 border-t border-line pt-5"
            onSubmit={(event) => {
              event.preventDefault();
              if (token.trim()) app.connection.login(token.trim());
            }}
          >
            <p className="text-small text-faint">{t("entry.loginOr")}</p>
            <TextField
              label={t("entry.tokenLabel")}
              value={token}
              onChange={setToken}
              type="password"
              autoComplete="off"
              spellCheck={false}
            />
            <Button look="primary" type="submit" disabled={!token.trim()}>
              {t("entry.connect")}
            </Button>
          </form>
        </>
      )}
    </Gate>
  );
}
