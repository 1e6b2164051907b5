// The custom checkout as its buyers meet it: one address to buy at, one to ask how a purchase went, and a page on which two buyers fight for the last unit.
import { z } from "zod";
import { createRouteTable, html, json, RequestError } from "../http/router.ts";
import type { SimRequest, SimResponse } from "../http/router.ts";
import { listen } from "../http/server.ts";
import { checkThenCharge } from "./check-then-charge.ts";
import type { NaiveParts } from "./check-then-charge.ts";
import { finishPurchase } from "./hold-then-charge.ts";
import type { CheckoutParts } from "./hold-then-charge.ts";
import type { Outcome, Purchase } from "./journal.ts";
import { lastUnitPage } from "./last-unit-page.ts";

export interface ShopFront {
  readonly origin: string;
  /** Resolves when everything that was under way when the process last ended is finished or undone. */
  readonly recovered: Promise<void>;
  close(): Promise<void>;
}

export interface ShopFrontOptions {
  readonly port?: number;
  /** Without it every purchase goes the naive way. */
  readonly parts?: CheckoutParts;
  readonly naive: NaiveParts;
  /** Who creates the orders: half of them each, by the last character of the purchase's token. */
  readonly orderBy?: Purchase["orderBy"] | "both";
  /** For the page. */
  readonly product?: LastUnit;
}

export interface LastUnit {
  readonly title: string;
  readonly variantId: string;
  /** The warehouse delivers one more, so that the fight can be fought again. */
  readonly deliver: () => Promise<void>;
}

const purchaseInput = z.object({
  clientToken: z.string().min(1).max(200),
  buyer: z.string().min(1).max(200),
  items: z.array(z.object({ variantId: z.string(), quantity: z.int().positive() })).min(1),
  card: z.enum(["good", "declined"]).default("good"),
  pays: z.boolean().default(true),
  /** Of the page: this purchase goes the naive way. */
  naive: z.boolean().default(false),
});
const toldInput = z.object({ key: z.string() });

export async function openShopFront(options: ShopFrontOptions): Promise<ShopFront> {
  const { parts, naive } = options;
  const underWay = new Map<string, Promise<Outcome>>();

  /** One purchase is worked on by one at a time: a second click waits for what becomes of the first. */
  const work = (purchase: Purchase, checkout: CheckoutParts): Promise<Outcome> => {
    const { clientToken } = purchase;
    const begun = underWay.get(clientToken);
    if (begun !== undefined) return begun;
    const known = checkout.journal.get(clientToken);
    const outcome = (async () => await finishPurchase(checkout, known ?? (await checkout.journal.begin(purchase))))();
    underWay.set(clientToken, outcome);
    const forget = () => void underWay.delete(clientToken);
    outcome.then(forget, forget);
    return outcome;
  };

  const buy = async (request: SimRequest): Promise<SimResponse> => {
    const { naive: goesNaive, ...input } = read(purchaseInput, request);
    const purchase = { ...input, orderBy: creatorOf(options.orderBy ?? "both", input.clientToken) };
    const outcome = parts === undefined || goesNaive ? await checkThenCharge(naive, purchase) : await work(purchase, parts);
    return json(outcome, outcome.kind === "failed" ? 503 : 200);
  };

  const routes = createRouteTable();
  routes.post("/checkout", buy);
  routes.get("/checkout/:token", (request) => {
    const progress = parts?.journal.get(request.params["token"] ?? "");
    if (progress === undefined) throw new RequestError(404, "unknown_purchase", "No such purchase was begun here.");
    return json(progress);
  });
  routes.get("/purchases", () => json({ items: parts?.journal.all() ?? [] }));
  // What the provider tells beside its answers, once or twice: nothing but a reason to look, whoever sends it.
  routes.post("/payments/told", (request) => {
    const progress = parts?.journal.get(read(toldInput, request).key);
    if (parts !== undefined && progress?.paying === true && progress.outcome === undefined) void work(progress.purchase, parts).catch(() => undefined);
    return json({ heard: true });
  });
  const { product } = options;
  if (product !== undefined) {
    routes.get("/product", () => json({ title: product.title, variantId: product.variantId }));
    routes.get("/", () => html(lastUnitPage(product)));
    routes.post("/deliver", async () => {
      await product.deliver();
      return json({ delivered: 1 });
    });
    routes.get("/stock", async () => json(await naive.shopify.available(product.variantId)));
  }
  const server = await listen(routes, "127.0.0.1", options.port ?? 0, () => undefined);
  return {
    origin: `http://127.0.0.1:${server.port}`,
    recovered: parts === undefined ? Promise.resolve() : recover(parts, work),
    close: async () => await server.close(),
  };
}

/** How many purchases are taken up again at a time. */
const RECOVERED_AT_ONCE = 16;

async function recover(parts: CheckoutParts, work: (purchase: Purchase, parts: CheckoutParts) => Promise<Outcome>): Promise<void> {
  const open = parts.journal.all().filter(({ outcome }) => outcome === undefined);
  const takeUp = async () => {
    for (let next = open.shift(); next !== undefined; next = open.shift()) await work(next.purchase, parts);
  };
  await Promise.all(Array.from({ length: RECOVERED_AT_ONCE }, takeUp));
}

function creatorOf(orderBy: Purchase["orderBy"] | "both", clientToken: string): Purchase["orderBy"] {
  if (orderBy !== "both") return orderBy;
  return (clientToken.charCodeAt(clientToken.length - 1) & 1) === 0 ? "checkout" : "holdfast";
}

function read<Output>(schema: z.ZodType<Output>, request: SimRequest): Output {
  const checked = schema.safeParse(request.json());
  if (checked.success) return checked.data;
  throw new RequestError(422, "invalid_purchase", z.prettifyError(checked.error));
}
