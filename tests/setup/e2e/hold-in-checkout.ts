// What a custom checkout asks of Holdfast in a journey: units of one item put on hold, through the public API.
import { randomUUID } from "node:crypto";

import { callApi } from "./settings-by-api.ts";
import type { StockedItem } from "./small-shop.ts";
import type { WholeApp } from "./whole-app.ts";

/** Answers the hold's id. */
export async function holdInCheckout(whole: Pick<WholeApp, "webUrl">, token: string, { inventoryItemId }: StockedItem, quantity: number, reference?: string): Promise<string> {
  const body = { idempotencyKey: randomUUID(), lines: [{ inventoryItemId, quantity }], ttlSeconds: 600, ...(reference === undefined ? {} : { reference }) };
  const { status, answer } = await ask(whole, token, "/reservations", body);
  if (status !== 201) throw new Error(`a hold was not granted: ${status} ${JSON.stringify(answer)}`);
  return String(answer["id"]);
}

/** The checkout says that it is paid; its order is still to come. */
export async function payForHold(whole: Pick<WholeApp, "webUrl">, token: string, holdId: string, paymentReference: string): Promise<void> {
  const { status, answer } = await ask(whole, token, `/reservations/${holdId}/commit`, { paymentReference });
  if (status !== 200) throw new Error(`a hold was not committed: ${status} ${JSON.stringify(answer)}`);
}

/** The checkout says that it is paid and wants its order created. */
export async function leaveOrderToHoldfast(whole: Pick<WholeApp, "webUrl">, token: string, holdId: string): Promise<Answer> {
  return await ask(whole, token, `/reservations/${holdId}/commit`, { createOrder: { note: "paid in the shop's own checkout" } });
}

interface Answer {
  readonly status: number;
  readonly answer: Record<string, unknown>;
}

async function ask(whole: Pick<WholeApp, "webUrl">, token: string, path: string, body: object): Promise<Answer> {
  const response = await callApi(whole, token, path, { method: "POST", body: JSON.stringify(body) });
  return { status: response.status, answer: (await response.json()) as Record<string, unknown> };
}
