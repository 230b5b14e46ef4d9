/** Holds what a gateway sends against the schemas of the protocol: frames, events, results. Finds faults; asserts nothing. */
import { Compile, type Validator } from "typebox/compile";
import type { TSchema } from "typebox";
import { EVENTS } from "#main/protocol/events.ts";
import { EventFrame, HelloOk, ResponseFrame, type ServerFrame } from "#main/protocol/frames.ts";
import { METHODS } from "#main/protocol/methods/index.ts";

export interface WireSchemas {
  /**
   * @param methodOf the method of a request by its id; undefined: the result is not looked at
   * @returns faults in words, empty when all fits
   */
  faultsOf(frames: readonly ServerFrame[], methodOf: (id: string) => string | undefined): string[];
  fits(schema: TSchema, value: unknown): string[];
}

export function createWireSchemas(): WireSchemas {
  const compiled = new Map<TSchema, Validator>();
  const fits = (schema: TSchema, value: unknown): string[] => {
    const validator = compiled.get(schema) ?? Compile(schema);
    compiled.set(schema, validator);
    return validator.Check(value)
      ? []
      : validator.Errors(value).map((fault) => `${fault.instancePath} ${fault.message}`);
  };
  const ofEvent = (frame: EventFrame): string[] => {
    if (!Object.hasOwn(EVENTS, frame.event)) return ["not a declared event"];
    const schema = frame.event === "health" ? METHODS.health.result : EVENTS[frame.event as keyof typeof EVENTS];
    return [...fits(EventFrame, frame), ...fits(schema, frame.payload)];
  };
  const ofAnswer = (frame: ResponseFrame, method: string | undefined): string[] => {
    const own = fits(ResponseFrame, frame);
    if (frame.ok === (frame.error !== undefined)) own.push("ok and error contradict each other");
    if (!frame.ok || method === undefined) return own;
    if (method === "connect") return [...own, ...fits(HelloOk, frame.payload)];
    return [...own, ...fits(METHODS[method as keyof typeof METHODS].result, frame.payload)];
  };
  return {
    fits,
    faultsOf: (frames, methodOf) =>
      frames.flatMap((frame) => {
        const faults = frame.type === "event" ? ofEvent(frame) : ofAnswer(frame, methodOf(frame.id));
        const name = frame.type === "event" ? frame.event : `${methodOf(frame.id) ?? "?"} (${frame.id})`;
        return faults.map((fault) => `${name}: ${fault}`);
      }),
  };
}
