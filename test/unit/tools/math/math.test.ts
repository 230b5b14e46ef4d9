import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Refused } from "#main/base/errors.ts";
import { evaluate } from "#main/tools/math/evaluate.ts";
import { mathTool } from "#main/tools/math/index.ts";
import { createToolContext } from "#test/fakes/tool-context.ts";

describe("math", () => {
  it.each([
    ["1 + 2 * 3", "7"],
    ["(1 + 2) * 3", "9"],
    ["-2^2", "-4"],
    ["2^3^2", "512"],
    ["2**10", "1024"],
    ["2^-1", "0.5"],
    ["7 % 4", "3"],
    ["-7 % 4", "-3"],
    ["10 / 4", "2.5"],
    ["10 / 5", "2"],
    ["2^64", "18446744073709551616"],
    ["2^64 + 1 - 2^64", "1"],
    ["99999999999999999999 * 3", "299999999999999999997"],
    ["0.1 + 0.2", "0.30000000000000004"],
    ["1e3 + .5", "1000.5"],
    ["sqrt(144)", "12"],
    ["sqrt(2)", "1.4142135623730951"],
    ["abs(-3) + round(2.5) + floor(2.9) + ceil(2.1)", "11"],
    ["round(-2.5)", "-3"],
    ["min(3, 1, 2) + max(1, 5)", "6"],
    ["log(1000)", "3"],
    ["ln(e)", "1"],
    ["exp(0)", "1"],
    ["sin(0) + cos(0)", "1"],
    ["2 * PI", "6.283185307179586"],
    ["--3", "3"],
    ["0 * -1.0", "0"],
    ["1 ^ 999999999999", "1"],
    ["(-1) ^ 1000000000001", "-1"],
    ["0 ^ 0", "1"],
    ["0 ^ 5", "0"],
  ])("[H22] calculates %s", (expression, value) => {
    expect(evaluate(expression)).toBe(value);
  });
  it.each([
    ["", "something is missing"],
    ["1 +", "something is missing"],
    ["(1", "not closed"],
    ["1)", "out of place"],
    ["1 2", "out of place"],
    ["1 / 0", "divided by 0"],
    ["5 % 0", "divided by 0"],
    ["0 ^ -1", "divided by 0"],
    ["sqrt(-1)", "no real square root"],
    ["log(0)", "above 0"],
    ["(-8) ^ 0.5", "not real"],
    ["9^9^9", "too large"],
    ["9^99999999999999999999", "too large"],
    ["1e308 * 10", "not a finite number"],
    ["process.exit(1)", "'.' means nothing"],
    ["constructor(1)", "no function 'constructor'"],
    ["hasOwnProperty(1)", "no function"],
    ["import(1)", "no function"],
    ["sqrt 4", "needs parentheses"],
    ["sqrt(4, 5)", "takes one number"],
    ["a=1", "'=' means nothing"],
    ["`ls`", "means nothing"],
    ["(".repeat(60) + "1" + ")".repeat(60), "nested too deep"],
    [`2${"^2".repeat(60)}`, "nested too deep"],
    ["1+".repeat(600) + "1", "more than 1000"],
  ])("[H22] refuses %s", (expression, why) => {
    expect(() => evaluate(expression)).toThrow(Refused);
    expect(() => evaluate(expression)).toThrow(why);
  });
  it("answers or refuses whatever it is given, and soon", () => {
    const pieces = [..."0123456789.+-*/%^(),e ", "sqrt(", "max(", "pi", "^", "999", "1e9"];
    const soup = fc.array(fc.constantFrom(...pieces), { maxLength: 60 }).map((parts) => parts.join(""));
    fc.assert(
      fc.property(soup, (text) => {
        const began = performance.now();
        try {
          expect(evaluate(text)).toMatch(/^-?\d/);
        } catch (error) {
          expect(error).toBeInstanceOf(Refused);
        }
        expect(performance.now() - began).toBeLessThan(100);
      }),
      { numRuns: 3000 },
    );
  });
  it("is a level 1 call that says what it calculated", async () => {
    expect(mathTool.level({ expression: "1" })).toBe(1);
    const result = await mathTool.run({ expression: " 6*7 " }, createToolContext(), { summary: "" });
    expect(result).toEqual({ text: "6*7 = 42" });
  });
});
