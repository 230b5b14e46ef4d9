/** Pieces that several areas use. */
import Type from "typebox";

export const closed = { additionalProperties: false } as const;

export const NoParams = Type.Object({}, closed);
export const SessionKeyString = Type.String({ minLength: 1, maxLength: 512 });
export const Ok = Type.Object({ ok: Type.Literal(true) }, closed);
/** Becomes the id of the run; kept at least five minutes and 1,000 entries, over restarts. */
export const IdempotencyKey = Type.String({ minLength: 1, maxLength: 256 });
export const ThinkingLevel = Type.Union([
  Type.Literal("off"),
  Type.Literal("minimal"),
  Type.Literal("low"),
  Type.Literal("medium"),
  Type.Literal("high"),
]);
