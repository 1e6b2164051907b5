// The checkout's calls to its payment provider: a charge and a refund, each under a key that makes a repetition harmless.
import { z } from "zod";
import { post } from "./ask-again.ts";
import type { Unanswered } from "./ask-again.ts";

export type ChargeAnswer = { readonly kind: "charged"; readonly chargeId: string } | { readonly kind: "declined" };

export interface PaymentClient {
  charge(key: string, input: { buyer: string; amountCents: number; card: "good" | "declined" }): Promise<ChargeAnswer | Unanswered>;
  refund(key: string, chargeId: string): Promise<{ kind: "refunded" } | Unanswered>;
}

/** `tell`: where the provider says what became of a charge, beside its answer. */
export function paymentClient({ url, tell }: { url: string; tell?: string }): PaymentClient {
  return {
    async charge(key, input) {
      const reply = await post(`${url}/charges`, tell === undefined ? input : { ...input, tell }, { "idempotency-key": key });
      if (reply.kind === "unanswered") return reply;
      if (reply.status === 402) return { kind: "declined" };
      if (reply.status !== 200) throw new Error(`the payment provider answered ${reply.status}: ${JSON.stringify(reply.body)}`);
      return { kind: "charged", chargeId: z.string().parse(reply.body["chargeId"]) };
    },
    async refund(key, chargeId) {
      const reply = await post(`${url}/refunds`, { chargeId }, { "idempotency-key": key });
      if (reply.kind === "unanswered") return reply;
      if (reply.status !== 200) throw new Error(`the payment provider answered ${reply.status}: ${JSON.stringify(reply.body)}`);
      return { kind: "refunded" };
    },
  };
}
