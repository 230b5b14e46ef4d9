/**
 * The wire language as one JSON Schema document, for clients in other languages and for their code generators. It is
 * derived from the TypeBox schemas at build time and must never be edited by hand or hold what they do not.
 */
import type { TSchema } from "typebox";
import { EVENT_SCOPES, EVENTS, type EventName } from "#main/protocol/events.ts";
import { PROTOCOL_MAX, PROTOCOL_MIN } from "#main/protocol/frames.ts";
import type { MethodSpec } from "#main/protocol/method.ts";
import { METHODS } from "#main/protocol/methods/index.ts";
import { SHAPES } from "#main/protocol/shapes.ts";

/** A JSON Schema (draft 2020-12) document; `x-methods` and `x-events` hold one entry per name, in alphabetical order. */
export interface ProtocolSchema {
  $schema: string;
  title: string;
  "x-protocol": { min: number; max: number };
  $defs: Record<string, TSchema>;
  "x-methods": Record<string, { scope: string; twoPhase: boolean; params: TSchema; result: TSchema }>;
  "x-events": Record<string, { scope: string; payload: TSchema }>;
}

/** Builds the document. Pure: the same schemas give the same text, byte for byte. */
export function toProtocolSchema(): ProtocolSchema {
  const methods = Object.entries<MethodSpec>(METHODS).sort(byName);
  const events = (Object.entries(EVENTS) as [EventName, TSchema][]).sort(byName);
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Gatehouse gateway protocol",
    "x-protocol": { min: PROTOCOL_MIN, max: PROTOCOL_MAX },
    $defs: SHAPES,
    "x-methods": Object.fromEntries(
      methods.map(([name, { scope, twoPhase, params, result }]) => [
        name,
        { scope, twoPhase: twoPhase === true, params, result },
      ]),
    ),
    "x-events": Object.fromEntries(events.map(([name, payload]) => [name, { scope: EVENT_SCOPES[name], payload }])),
  };
}

function byName([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : 1;
}
