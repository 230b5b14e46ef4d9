/** What can be done with a conversation, for its row and its header. Deleting offers to undo. */
import { Download, FileJson, Pencil, Pin, PinOff, Trash2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { SessionRow } from "#main/protocol/methods/sessions.ts";
import { saveFile } from "../../gateway/bridge.ts";
import { titleOf } from "../../gateway/session-actions.ts";
import { useApp } from "../../gateway/use-app.ts";
import type { MenuAction } from "../../ui/Menu.tsx";
import { showToast } from "../../ui/toast.tsx";
import { useWork } from "../settings/use-work.ts";

/** @param onRename begins to edit the name where it stands */
export function useSessionMenu(row: SessionRow | undefined, onRename: () => void): readonly MenuAction[] {
  const { t } = useTranslation();
  const app = useApp();
  const { run } = useWork();
  if (!row) return [];
  const title = titleOf(row) ?? t("sessions.untitled");

  const exportAs = async (format: "markdown" | "json") => {
    const file = await app.sessions.export(row.key, format);
    if (await saveFile(file.fileName, file.content, file.mimeType)) showToast(t("sessions.exported"));
  };
  const remove = async () => {
    const isOpen = app.store.getState().activeKey === row.key;
    await app.sessions.delete(row.key);
    if (isOpen) app.newChat();
    const undo = async () => {
      await app.sessions.restore(row.key);
      if (isOpen) app.openSession(row.key);
      showToast(t("sessions.restored"));
    };
    showToast(t("sessions.deleted", { title }), { action: { label: t("common.undo"), run: () => run(undo()) } });
  };
  return [
    {
      label: row.pinned ? t("sessions.unpin") : t("sessions.pin"),
      icon: row.pinned ? <PinOff size={14} /> : <Pin size={14} />,
      run: () => run(app.sessions.patch(row.key, { pinned: !row.pinned })),
    },
    { label: t("sessions.rename"), icon: <Pencil size={14} />, run: onRename },
    {
      label: t("sessions.exportMarkdown"),
      icon: <Download size={14} />,
      isApart: true,
      run: () => run(exportAs("markdown")),
    },
    { label: t("sessions.exportJson"), icon: <FileJson size={14} />, run: () => run(exportAs("json")) },
    {
      label: t("sessions.delete"),
      icon: <Trash2 size={14} />,
      isApart: true,
      isDangerous: true,
      run: () => run(remove()),
    },
  ];
}
