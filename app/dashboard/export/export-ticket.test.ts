// Tickets for downloads: bound to kind, install, filter and a minute; nobody else can make or change one.
import { describe, expect, it } from "vitest";

import { issueTicket, readTicket, TICKET_VALID_MS, type ExportTicket } from "./export-ticket.ts";

const NOW = new Date("2026-11-22T10:00:00Z");
const TICKET: ExportTicket = { kind: "changes", shop: "one.myshopify.com", installId: 9_007_199_254_740_993n, actor: "staff:7", query: "order=%231001&item=Tasse%20%C3%A9" };
const issue = (ticket = TICKET, secret = "secret") => issueTicket(ticket, { secrets: [secret], now: NOW });
const read = (text: string, { kind = "changes" as const, afterMs = 0, secrets = ["secret"] }: { kind?: "changes" | "everything"; afterMs?: number; secrets?: string[] } = {}) =>
  readTicket(text, kind, { secrets, now: new Date(NOW.getTime() + afterMs) });

describe("a ticket", () => {
  it("says what it was issued for, ids above 2^53 included", () => {
    expect(read(issue())).toEqual({ kind: "valid", ticket: TICKET });
  });

  it("is good for a minute and not for longer", () => {
    expect(read(issue(), { afterMs: TICKET_VALID_MS }).kind).toBe("valid");
    expect(read(issue(), { afterMs: TICKET_VALID_MS + 1 })).toEqual({ kind: "late" });
  });

  it("opens only the kind of export it was issued for", () => {
    expect(read(issue(), { kind: "everything" })).toEqual({ kind: "forged" });
  });

  it("cannot be changed to another install, or made without the app's secret", () => {
    const [content = "", signature] = issue().split(".");
    const changed = Buffer.from(Buffer.from(content, "base64url").toString().replace("9007199254740993", "1")).toString("base64url");
    expect(read(`${changed}.${signature}`)).toEqual({ kind: "forged" });
    expect(read(issue(TICKET, "another secret"))).toEqual({ kind: "forged" });
  });

  it("is accepted under the previous secret while that is", () => {
    expect(read(issue(TICKET, "previous"), { secrets: ["secret", "previous"] }).kind).toBe("valid");
  });

  it.each(["", ".", "a", "a.b", "a.b.c", `${issue()}.x`, `${issue()}A`, issue().slice(0, -2), "%00.%00", "x".repeat(20_000)])("is none of ours when it reads %s", (text) => {
    expect(read(text)).toEqual({ kind: "forged" });
  });
});
