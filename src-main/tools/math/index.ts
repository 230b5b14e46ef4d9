/** Calculates. Whole numbers exactly, everything else as the machine does; it never runs what it is given as code. */
import Type from "typebox";
import { defineParams, defineTool } from "../contract.ts";
import { evaluate } from "./evaluate.ts";

export const mathTool = defineTool({
  name: "math",
  group: "basics",
  description:
    "Calculates an expression: + - * / % ^, parentheses, pi, e, and sqrt abs round floor ceil min max log ln exp sin cos " +
    "tan. log is base 10, angles are in radians.",
  params: defineParams({
    expression: Type.String({ minLength: 1, maxLength: 1000, description: "Like 2^64 - sqrt(2)" }),
  }),
  level: () => 1,
  async run({ expression }) {
    return { text: `${expression.trim()} = ${evaluate(expression)}` };
  },
});
