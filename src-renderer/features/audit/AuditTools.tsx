/** The proof that nobody altered the record, made on request, and copies of it as files. */
import { Download, ShieldAlert, ShieldCheck } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { MethodResult } from "#main/protocol/methods/index.ts";
import type { AuditFilter } from "../../gateway/acting-actions.ts";
import { saveFile } from "../../gateway/bridge.ts";
import { useApp } from "../../gateway/use-app.ts";
import { Button } from "../../ui/Button.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { showToast } from "../../ui/toast.tsx";
import { useWork } from "../settings/use-work.ts";

type Proof = MethodResult<"audit.verify">;

export function AuditTools({ filter }: { filter: () => AuditFilter }) {
  const { t } = useTranslation();
  const app = useApp();
  const [proof, setProof] = useState<Proof>();
  const [begun, setBegun] = useState<"verify" | "jsonl" | "csv">();
  const { isBusy, run } = useWork();
  const verify = () => {
    setBegun("verify");
    setProof(undefined);
    run(app.acting.verifyAudit().then(setProof));
  };
  const save = async (format: "jsonl" | "csv") => {
    const file = await app.acting.exportAudit(filter(), format);
    const isSaved = await saveFile(file.fileName, file.content, file.mimeType);
    if (isSaved) showToast(file.truncated ? t("audit.truncated") : t("sessions.exported"));
  };
  return (
    <>
      <div className="flex flex-wrap gap-2">
        <Button
          icon={<ShieldCheck size={14} aria-hidden />}
          isBusy={isBusy && begun === "verify"}
          disabled={isBusy}
          onClick={verify}
        >
          {t("audit.verify")}
        </Button>
        {(["jsonl", "csv"] as const).map((format) => (
          <Button
            key={format}
            look="ghost"
            icon={<Download size={14} aria-hidden />}
            isBusy={isBusy && begun === format}
            disabled={isBusy}
            onClick={() => {
              setBegun(format);
              run(save(format));
            }}
          >
            {t(`audit.export_${format}`)}
          </Button>
        ))}
      </div>
      <div role="status" className="mt-2 empty:hidden">
        {proof ? <Result proof={proof} /> : null}
      </div>
    </>
  );
}

function Result({ proof }: { proof: Proof }) {
  const { t } = useTranslation();
  if (proof.ok) {
    return (
      <Notice tone="ok" icon={<ShieldCheck size={15} aria-hidden />}>
        {t("audit.ok", { count: proof.entries })}
      </Notice>
    );
  }
  return (
    <Notice tone="danger" icon={<ShieldAlert size={15} aria-hidden />}>
      <p className="font-medium">
        {proof.broken ? t("audit.brokenAt", { seq: proof.broken.seq, id: proof.broken.id }) : t("audit.broken")}
      </p>
      {proof.broken ? <p className="text-small">{proof.broken.reason}</p> : null}
    </Notice>
  );
}
