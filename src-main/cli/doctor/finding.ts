/** What a check of `doctor` has to say. Never holds a secret's value: places are named by their path. */

export type Area = "versions" | "files" | "configuration" | "secrets" | "gateway" | "database";

export interface Finding {
  area: Area;
  /** `ok` says how things are; the others are what is wrong. */
  level: "ok" | "warning" | "error";
  message: string;
  /** A file, or a place in the configuration. */
  path?: string;
}

export function fine(area: Area, message: string): Finding {
  return { area, level: "ok", message };
}

export function warning(area: Area, message: string, path?: string): Finding {
  return { area, level: "warning", message, ...(path === undefined || path === "" ? {} : { path }) };
}

export function fault(area: Area, message: string, path?: string): Finding {
  return { ...warning(area, message, path), level: "error" };
}
