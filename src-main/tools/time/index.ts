/**
 * Tells the date and time, in the computer's time zone or a named one. Must never read a clock but the given one.
 */
import Type from "typebox";
import { refuse } from "#main/base/errors.ts";
import { defineParams, defineTool } from "../contract.ts";

export const timeTool = defineTool({
  name: "time",
  group: "basics",
  description: "Tells the current date and time, with weekday and UTC offset.",
  params: defineParams({
    timezone: Type.Optional(Type.String({ maxLength: 64, description: "Such as Europe/Berlin" })),
  }),
  level: () => 1,
  async run({ timezone }, { clock }) {
    return { text: formatTime(clock.now(), timezone) };
  },
});

/**
 * Like `Thursday, 1 January 2026, 13:00:00 in Europe/Berlin (GMT+01:00), 2026-01-01T12:00:00.000Z`.
 * @param now milliseconds since 1970
 * @param timezone a name of the IANA database. Throws Refused when there is no such zone
 */
export function formatTime(now: number, timezone: string | undefined): string {
  const zone = checkZone(timezone);
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    weekday: "long",
    day: "numeric",
    month: "long",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
    timeZoneName: "longOffset",
  });
  const parts = Object.fromEntries(format.formatToParts(now).map((part) => [part.type, part.value]));
  const date = `${parts["weekday"]}, ${parts["day"]} ${parts["month"]} ${parts["year"]}`;
  const time = `${parts["hour"]}:${parts["minute"]}:${parts["second"]}`;
  return `${date}, ${time} in ${zone} (${parts["timeZoneName"]}), ${new Date(now).toISOString()}`;
}

function checkZone(timezone: string | undefined): string {
  if (timezone === undefined) return new Intl.DateTimeFormat().resolvedOptions().timeZone;
  try {
    // Offsets such as +02:00 are taken too, but a zone is asked for.
    if (/^[A-Za-z]/.test(timezone))
      return new Intl.DateTimeFormat("en", { timeZone: timezone }).resolvedOptions().timeZone;
  } catch {
    // Told below.
  }
  throw refuse(`There is no time zone "${timezone}". Use an IANA name such as Europe/Berlin.`);
}
