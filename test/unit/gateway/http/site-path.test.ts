import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toSitePath } from "#main/gateway/http/site-path.ts";

describe("the path of a served file", () => {
  it("[C28] is the decoded path without its leading slash", () => {
    expect(toSitePath("/")).toBe("");
    expect(toSitePath("/index.html?x=1#y")).toBe("index.html");
    expect(toSitePath("/assets/a%20b.js")).toBe("assets/a b.js");
    expect(toSitePath("http://127.0.0.1:1/assets/x.js?q")).toBe("assets/x.js");
    expect(toSitePath("/sessions/agent:main:main")).toBe("sessions/agent:main:main");
    expect(toSitePath("/folder/")).toBe("folder/");
  });

  it("[HT-16] is nothing when it leads upwards, however it is encoded", () => {
    for (const path of [
      "/../x",
      "/a/../../x",
      "/%2e%2e/x",
      "/%2E%2e%2fx",
      "/..%2fx",
      "/%252e%252e/x",
      "/%25252e%25252e%25252fx",
      "/a/..",
      "/..\\x",
      "/%5c..%5cx",
      "/.env",
      "/a/.git/config",
      "/a//b",
      "//x",
      "/x%00.html",
      "/x%0a",
      "/trailing./x",
      "/%",
      "/%zz",
      "/%c0%ae%c0%ae/x",
      "/%252525252525252e",
      "relative",
      "*",
    ]) {
      expect(toSitePath(path), path).toBeUndefined();
    }
  });

  it("[HT-18] is nothing below the folders of the API", () => {
    for (const path of ["/v1/models", "/V1/models", "/v1%2fmodels", "/%76%31", "/api/x", "/tools/invoke", "/health"]) {
      expect(toSitePath(path), path).toBeUndefined();
    }
  });

  it("[HT-16] never holds a step upwards or a forbidden letter, whatever comes", () => {
    const piece = fc.constantFrom("/", "..", ".", "%2e", "%2f", "%5c", "\\", "%00", "%25", "a", "%", "2e", ":", "?");
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const path = toSitePath(`/${pieces.join("")}`);
        if (path === undefined) return;
        expect(path.split("/").some((segment) => segment.startsWith("."))).toBe(false);
        expect(/[\\\0%]/.test(path)).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });
});
