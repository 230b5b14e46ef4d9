import { describe, expect, it } from "vitest";
import { coveredBy, isScope, LOCAL_SCOPES, mayUse, OWNER_SCOPES, SCOPES, type Scope } from "#main/protocol/scopes.ts";

const held = (...scopes: Scope[]): ReadonlySet<Scope> => new Set(scopes);

describe("[D10] scopes", () => {
  it("[D10] read is a part of write, all are a part of admin, and nothing else is a part of another", () => {
    for (const has of SCOPES) {
      for (const needs of SCOPES) {
        const isPart =
          has === needs || has === "operator.admin" || (has === "operator.write" && needs === "operator.read");
        expect(mayUse(held(has), needs), `${has} → ${needs}`).toBe(isPart);
      }
      expect(mayUse(held(has), "none")).toBe(true);
    }
    expect(mayUse(held(), "none")).toBe(true);
    expect(mayUse(held(), "operator.read")).toBe(false);
  });

  it("[HS-35] nobody passes on more than is held", () => {
    expect(coveredBy([], held())).toBe(true);
    expect(coveredBy(["operator.read"], held("operator.write"))).toBe(true);
    expect(coveredBy(["operator.write"], held("operator.read"))).toBe(false);
    expect(coveredBy(["operator.read", "operator.pairing"], held("operator.read"))).toBe(false);
    expect(coveredBy(OWNER_SCOPES, held("operator.admin"))).toBe(true);
  });

  it("[HS-27] what is given in silence holds neither admin nor approvals nor pairing", () => {
    for (const scope of ["operator.admin", "operator.approvals", "operator.pairing", "operator.questions"] as const) {
      expect(coveredBy([scope], new Set(LOCAL_SCOPES)), scope).toBe(false);
    }
  });

  it.each(["operator.root", "admin", "", "operator.read ", "__proto__"])("[HS-30] %j is no scope", (name) => {
    expect(isScope(name)).toBe(false);
  });
});
