/**
 * A gateway method is declared once: who may call it, what it takes, what it answers. `gateway/methods/<area>.ts` must
 * hold a handler for each, or the compiler refuses to build; dispatch validates `params` before the handler sees them;
 * clients get the types.
 */
import type { Static, TSchema } from "typebox";
import type { Scope } from "./scopes.ts";

export interface MethodSpec<Params extends TSchema = TSchema, Result extends TSchema = TSchema> {
  /** The least scope that may call it; `"none"`: every authenticated connection. */
  scope: Scope | "none";
  /** A closed object schema: unknown properties are refused. */
  params: Params;
  result: Result;
  /** Answers twice with one id: accepted, then the outcome. Only `agent`. */
  twoPhase?: true;
}

/** Declares a method. The identity function: it exists to fix the types. */
export function defineMethod<Params extends TSchema, Result extends TSchema>(
  spec: MethodSpec<Params, Result>,
): MethodSpec<Params, Result> {
  return spec;
}

/** The parameters of a declared method, as its handler receives them. */
export type ParamsOf<S> = S extends MethodSpec<infer P, TSchema> ? Static<P> : never;
/** The result of a declared method, as its handler must return it. */
export type ResultOf<S> = S extends MethodSpec<TSchema, infer R> ? Static<R> : never;
