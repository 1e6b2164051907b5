// The checkout's calls to Holdfast: written from the tutorial and the API reference alone, as any checkout's would be.
import { z } from "zod";
import { post } from "./ask-again.ts";
import type { Reply, Unanswered } from "./ask-again.ts";

export interface HeldLine {
  readonly variantId: string;
  readonly quantity: number;
}

export type ReserveAnswer =
  | { readonly kind: "held"; readonly reservationId: string; readonly state: string; readonly expiresAtMs: number }
  | { readonly kind: "sold_out" }
  | { readonly kind: "refused"; readonly why: string };

export type CommitAnswer =
  /** `orderId`: only where Holdfast creates the order. */
  | { readonly kind: "committed"; readonly orderId: string | null; readonly late: boolean }
  /** The hold is gone: who paid must get the money back. */
  | { readonly kind: "refund_required" }
  | { readonly kind: "refused"; readonly why: string };

export type EndAnswer = { readonly kind: "ended" } | { readonly kind: "refused"; readonly why: string };

export interface HoldfastClient {
  reserve(input: { idempotencyKey: string; lines: readonly HeldLine[]; ttlSeconds: number; reference: string }): Promise<ReserveAnswer | Unanswered>;
  extend(reservationId: string, ttlSeconds: number): Promise<({ kind: "held"; expiresAtMs: number } | { kind: "gone" }) | Unanswered>;
  commit(reservationId: string, input: Readonly<Record<string, unknown>>): Promise<CommitAnswer | Unanswered>;
  release(reservationId: string): Promise<EndAnswer | Unanswered>;
}

const reservation = z.object({ id: z.string(), state: z.string(), expiresAt: z.string(), late: z.boolean().optional() });
const committed = reservation.extend({ orderId: z.string().nullish(), order: z.object({ state: z.string(), orderId: z.string().nullish(), failure: z.string().nullish() }).nullish() });
const refusal = z.object({ error: z.object({ code: z.string(), message: z.string(), details: z.record(z.string(), z.unknown()).optional() }) });

export function holdfastClient({ url, token }: { url: string; token: string }): HoldfastClient {
  const call = async (path: string, body: unknown) => await post(`${url}/api/v1/reservations${path}`, body, { authorization: `Bearer ${token}` });
  return {
    async reserve(input) {
      const reply = await call("", input);
      if (reply.kind === "unanswered") return reply;
      if (reply.status === 200 || reply.status === 201) {
        const { id, state, expiresAt } = reservation.parse(reply.body);
        return { kind: "held", reservationId: id, state, expiresAtMs: Date.parse(expiresAt) };
      }
      const { code, why } = refusalOf(reply);
      return code === "insufficient_stock" ? { kind: "sold_out" } : { kind: "refused", why };
    },
    async extend(id, ttlSeconds) {
      const reply = await call(`/${id}/extend`, { ttlSeconds });
      if (reply.kind === "unanswered") return reply;
      if (reply.status !== 200) return { kind: "gone" };
      const { state, expiresAt } = reservation.parse(reply.body);
      return state === "active" ? { kind: "held", expiresAtMs: Date.parse(expiresAt) } : { kind: "gone" };
    },
    async commit(id, input) {
      const reply = await call(`/${id}/commit`, input);
      return reply.kind === "unanswered" ? reply : readCommit(reply);
    },
    async release(id) {
      const reply = await call(`/${id}/release`, {});
      if (reply.kind === "unanswered") return reply;
      return reply.status === 200 ? { kind: "ended" } : { kind: "refused", why: refusalOf(reply).why };
    },
  };
}

function readCommit(reply: Reply): CommitAnswer | Unanswered {
  if (reply.status === 202) return { kind: "unanswered", why: "the order is being created" };
  if (reply.status === 200) {
    const { late, order, orderId } = committed.parse(reply.body);
    if (order?.state === "refused" || order?.state === "person") return { kind: "refused", why: `the order is ${order.state}: ${order.failure ?? "no reason given"}` };
    if (order && order.state !== "created") return { kind: "unanswered", why: `the order is ${order.state}` };
    return { kind: "committed", orderId: order?.orderId ?? orderId ?? null, late: late ?? false };
  }
  const { code, why, details } = refusalOf(reply);
  const refundRequired = details["refundRequired"] === true || code === "reservation_released";
  return refundRequired ? { kind: "refund_required" } : { kind: "refused", why };
}

function refusalOf({ status, body }: Reply): { code: string; why: string; details: Readonly<Record<string, unknown>> } {
  const read = refusal.safeParse(body);
  if (!read.success) return { code: "", why: `status ${status}`, details: {} };
  const { code, message, details } = read.data.error;
  return { code, why: `${code}: ${message}`, details: details ?? {} };
}
