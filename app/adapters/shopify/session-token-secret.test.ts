import { createHmac } from "node:crypto";

import { describe, expect, it } from "vitest";

import { isSignedUnder, sessionTokenOf } from "./session-token-secret.server.ts";

function token(secret: string): string {
  const content = [{ alg: "HS256" }, { dest: "https://x.myshopify.com" }].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
  return `${content}.${createHmac("sha256", secret).update(content).digest("base64url")}`;
}

describe("a session token", () => {
  it("is signed under the secret it was signed with, and under no other", () => {
    expect(isSignedUnder(token("previous"), "previous")).toBe(true);
    expect(isSignedUnder(token("previous"), "present")).toBe(false);
  });

  it.each(["", "a.b", "a.b.c", `${token("previous")}.x`, token("previous").slice(0, -4)])("is none as %j", (text) => {
    expect(isSignedUnder(text, "previous")).toBe(false);
  });

  it("is looked for where the library looks", () => {
    expect(sessionTokenOf(new Request("https://a.example/?id_token=q", { headers: { Authorization: "Bearer h" } }))).toBe("h");
    expect(sessionTokenOf(new Request("https://a.example/?id_token=q"))).toBe("q");
    expect(sessionTokenOf(new Request("https://a.example/"))).toBeNull();
  });
});
