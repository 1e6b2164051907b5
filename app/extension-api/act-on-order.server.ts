// Holding or releasing the fulfilment of an order from its page in Shopify's admin: the act of the oversell's own page, as the person whose token came with the request.

import { actOnOversell, type OversellActor } from "#app/dashboard/oversell-acts.server.ts";
import { outcomeOf } from "#app/dashboard/oversell-outcome.ts";
import { readRowId } from "#app/dashboard/queries/row-id.ts";

import type { OrderActAnswer } from "./extension-answers.ts";

type Ports = Parameters<typeof actOnOversell>[0];

/** `form`: `act` (`hold` or `release`) and `oversell`. `orderId`: decimal; `orderName` as people know it. */
export async function actOnOrder(ports: Ports, person: OversellActor, { orderId, orderName }: { readonly orderId: string; readonly orderName: string | null }, form: FormData): Promise<OrderActAnswer> {
  const act = form.get("act");
  const oversell = form.get("oversell");
  if ((act !== "hold" && act !== "release") || typeof oversell !== "string") return { kind: "not_understood", tone: "critical", title: "Nothing was done", text: "The request was not understood. Reload the page and try again." };
  const asked = new FormData();
  asked.set("act", act);
  asked.set("order", orderId);
  const answer = await actOnOversell(ports, person, readRowId(oversell), asked);
  const { tone, title, text } = outcomeOf({ act, order: { orderId, name: orderName } }, answer);
  return { kind: answer.kind, tone, title, text: text ?? null };
}
