/** What lies over the conversation, loaded when it is first opened. */
import { lazy, Suspense } from "react";
import { useAppState } from "../../gateway/use-app.ts";

const SettingsDialog = lazy(() =>
  import("../settings/SettingsDialog.tsx").then((m) => ({ default: m.SettingsDialog })),
);
const Palette = lazy(() => import("./Palette.tsx").then((m) => ({ default: m.Palette })));
const ShortcutSheet = lazy(() => import("./ShortcutSheet.tsx").then((m) => ({ default: m.ShortcutSheet })));

export function Overlays() {
  const dialog = useAppState((state) => state.dialog);
  return (
    <Suspense>
      {dialog === "settings" ? <SettingsDialog /> : null}
      {dialog === "palette" ? <Palette /> : null}
      {dialog === "shortcuts" ? <ShortcutSheet /> : null}
    </Suspense>
  );
}
