/** Joins class names. Must never merge conflicting ones: a component decides its look in one place. */
export function cx(...names: (string | false | undefined | null)[]): string {
  return names.filter(Boolean).join(" ");
}
