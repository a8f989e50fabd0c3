import { describe, expect, it } from "vitest";
import { ownPath } from "#lib/web/address.ts";

describe("where a link may send somebody on", () => {
  it.each([
    ["/dashboard", "/dashboard"],
    ["/esims/8986/renew?plan=a&start=now", "/esims/8986/renew?plan=a&start=now"],
    ["/a/../orders", "/orders"],
    ["/orders//7", "/orders//7"],
    ["/?next=//evil.example", "/?next=//evil.example"],
  ])("is a page of ours: %s", (candidate, path) => {
    expect(ownPath(candidate, "/fallback")).toBe(path);
  });

  it.each([
    "//evil.example",
    "/\\evil.example",
    "https://evil.example/",
    "javascript:alert(1)",
    "/\t/evil.example",
    "/.//evil.example",
    "/a/..//evil.example",
    "/%2e//evil.example",
    "/a/%2E%2e//evil.example",
    "/././/evil.example/sign-in",
    "dashboard",
    "",
  ])("is never another host: %j", (candidate) => {
    expect(ownPath(candidate, "/fallback")).toBe("/fallback");
  });

  it("is the fallback when nothing was asked for", () => {
    expect(ownPath(null, "/fallback")).toBe("/fallback");
    expect(ownPath(undefined, "/fallback")).toBe("/fallback");
  });

  it("stays itself when it is read again", () => {
    for (const candidate of ["/a/b?c=d", "/a/./b", "/.//x", "/a/..//x"]) {
      const once = ownPath(candidate, "/");
      expect(ownPath(once, "/fallback")).toBe(once);
    }
  });
});
