/**
 * Sets Electron's fuses in the packaged binary: it cannot be used as a plain Node, takes no debugger from the command
 * line, and loads the app from its archive only. electron-builder calls it, by default export.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { flipFuses, FuseV1Options, FuseVersion } from "@electron/fuses";

/** @param context electron-builder's AfterPackContext: where the app lies, for which platform, under which name */
export default async function afterPack(context) {
  const { appOutDir, electronPlatformName, packager } = context;
  const name = packager.appInfo.productFilename;
  const binary = {
    darwin: `${name}.app/Contents/MacOS/${name}`,
    win32: `${name}.exe`,
  }[electronPlatformName];
  const linux = [packager.executableName, name.toLowerCase(), name].filter(Boolean);
  const path = [binary, ...linux]
    .filter(Boolean)
    .map((file) => join(appOutDir, file))
    .find(existsSync);
  if (path === undefined) throw new Error(`no packaged binary was found in ${appOutDir}: the fuses are not set`);
  await flipFuses(path, {
    version: FuseVersion.V1,
    resetAdHocDarwinSignature: electronPlatformName === "darwin",
    [FuseV1Options.RunAsNode]: false,
    [FuseV1Options.EnableCookieEncryption]: true,
    [FuseV1Options.EnableNodeOptionsEnvironmentVariable]: false,
    [FuseV1Options.EnableNodeCliInspectArguments]: false,
    [FuseV1Options.EnableEmbeddedAsarIntegrityValidation]: electronPlatformName !== "linux",
    [FuseV1Options.OnlyLoadAppFromAsar]: true,
    [FuseV1Options.GrantFileProtocolExtraPrivileges]: false,
  });
}
