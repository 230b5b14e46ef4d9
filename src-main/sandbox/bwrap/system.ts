/**
 * What of this computer's system a confined program may read: programs, libraries, certificates. Must never name a path
 * that holds what is private to a person or to the gateway.
 */
import { lstat, readlink } from "node:fs/promises";

/** A folder of the system; `link` when it is only another name: `/bin` → `usr/bin`. */
export interface SystemFolder {
  path: string;
  link?: string;
}

const FOLDERS = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"] as const;

/** Settings that programs need and anybody may read. No keys: of `/etc/ssl` only the certificates. */
export const SETTINGS: readonly string[] = `
  /etc/alternatives /etc/ca-certificates /etc/ca-certificates.conf /etc/crypto-policies /etc/debian_version /etc/fonts
  /etc/ld.so.cache /etc/ld.so.conf /etc/ld.so.conf.d /etc/localtime /etc/mime.types /etc/os-release /etc/pki/ca-trust
  /etc/pki/tls/certs /etc/pki/tls/cert.pem /etc/protocols /etc/services /etc/ssl/certs /etc/ssl/openssl.cnf
  /etc/terminfo /etc/timezone
`
  .trim()
  .split(/\s+/);

/** Needed to find names on a network. */
export const NETWORK_SETTINGS = ["/etc/resolv.conf", "/etc/host.conf", "/etc/gai.conf"] as const;

/** The folders of the system that exist here. Reads only. */
export async function readSystemFolders(): Promise<SystemFolder[]> {
  const found = await Promise.all(
    FOLDERS.map(async (path): Promise<SystemFolder | undefined> => {
      const stats = await lstat(path).catch(() => undefined);
      if (stats?.isSymbolicLink()) return { path, link: await readlink(path) };
      return stats?.isDirectory() ? { path } : undefined;
    }),
  );
  return found.filter((folder) => folder !== undefined);
}
