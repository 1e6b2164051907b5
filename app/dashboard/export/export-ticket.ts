// A ticket to download one export: a browser's download carries no session token, so the page asks for a signed address that is good for a minute.

import { createHmac, hkdfSync, timingSafeEqual } from "node:crypto";

/** What may be downloaded; each kind has a route of its own, and a ticket opens only its kind's. */
export type ExportKind = "changes" | "everything";

export interface ExportTicket {
  readonly kind: ExportKind;
  readonly shop: string;
  readonly installId: bigint;
  /** Who asked for it, as in the audit trail: `staff:<id>`. */
  readonly actor: string;
  /** What is exported, as the page's address says it; empty: all of it. */
  readonly query: string;
}

/** Long enough to click, too short to be of use to whoever finds the address later. */
export const TICKET_VALID_MS = 60_000;
/** No ticket of ours is longer: filters are cut before they get into one. */
const TICKET_LENGTH_MAX = 8_192;
/** The key is the ticket's own: what is signed for one use never passes for another. */
const KEY_INFO = "holdfast export ticket";

/** `secrets`: the app's, the present one first; during a rotation the previous one is accepted, too. */
export function issueTicket(ticket: ExportTicket, { secrets, now }: { readonly secrets: readonly [string, ...string[]]; readonly now: Date }): string {
  const content = Buffer.from(JSON.stringify({ ...ticket, installId: String(ticket.installId), until: now.getTime() + TICKET_VALID_MS }), "utf8").toString("base64url");
  return `${content}.${sign(content, secrets[0]).toString("base64url")}`;
}

export type TicketReading = { readonly kind: "valid"; readonly ticket: ExportTicket } | { readonly kind: "forged" } | { readonly kind: "late" };

export function readTicket(text: string, expected: ExportKind, { secrets, now }: { readonly secrets: readonly string[]; readonly now: Date }): TicketReading {
  const [content, signature, ...rest] = text.split(".");
  if (text.length > TICKET_LENGTH_MAX || content === undefined || signature === undefined || rest.length > 0) return { kind: "forged" };
  const given = Buffer.from(signature, "base64url");
  const signed = secrets.some((secret) => {
    const right = sign(content, secret);
    return given.length === right.length && timingSafeEqual(given, right);
  });
  if (!signed) return { kind: "forged" };
  // Signed by us, so it has the shape that `issueTicket` gives.
  const { installId, until, ...ticket } = JSON.parse(Buffer.from(content, "base64url").toString("utf8")) as Omit<ExportTicket, "installId"> & { installId: string; until: number };
  if (ticket.kind !== expected) return { kind: "forged" };
  return now.getTime() > until ? { kind: "late" } : { kind: "valid", ticket: { ...ticket, installId: BigInt(installId) } };
}

function sign(content: string, secret: string): Buffer {
  const key = new Uint8Array(hkdfSync("sha256", secret, "", KEY_INFO, 32));
  return createHmac("sha256", key).update(content, "utf8").digest();
}
