/**
 * What a credential may do. `operator.read ⊂ operator.write ⊂ operator.admin`; the others stand beside them; admin
 * holds all. Scopes are granted from the pairing row, never from what a client says of itself.
 */
export const SCOPES = [
  "operator.read",
  "operator.write",
  "operator.admin",
  "operator.approvals",
  "operator.pairing",
  "operator.questions",
  "operator.talk",
] as const;

export type Scope = (typeof SCOPES)[number];

export type Role = "operator" | "node";

/** What the owner's own window and command line hold. */
export const OWNER_SCOPES: readonly Scope[] = SCOPES;

/** What a new device on this machine may be given in silence. */
export const LOCAL_SCOPES: readonly Scope[] = ["operator.read", "operator.write", "operator.talk"];

export function isScope(value: string): value is Scope {
  return (SCOPES as readonly string[]).includes(value);
}

/** True if a holder of `held` may do what needs `needed`. `"none"` needs no scope at all (health). */
export function mayUse(held: ReadonlySet<Scope>, needed: Scope | "none"): boolean {
  if (needed === "none" || held.has("operator.admin") || held.has(needed)) return true;
  return needed === "operator.read" && held.has("operator.write");
}

/** The scopes of `wanted` that a holder of `held` may pass on: nobody approves or mints wider than they hold. */
export function coveredBy(wanted: readonly Scope[], held: ReadonlySet<Scope>): boolean {
  return wanted.every((scope) => mayUse(held, scope));
}
