// The control API: `/sim/…` paths onto the control's functions, which check what they are given themselves.
import type { Router, SimRequest } from "../http/router.ts";
import { RequestError, json } from "../http/router.ts";
import type { Control } from "./control.ts";

/** Control functions read their input with a schema, so what arrives over HTTP is handed on unread. */
type Unread = never;

export function mountControl(router: Router, control: Control): void {
  mountShopRoutes(router, control);
  mountOrderRoutes(router, control);
  mountNetworkRoutes(router, control);
  mountDetectionRoutes(router, control);
}

function mountShopRoutes(router: Router, control: Control): void {
  const onShop = (path: string, act: (shop: string, input: Unread) => unknown) => {
    router.post(`/sim/shops/:shop/${path}`, (request) => json(act(shopOf(request), body(request))));
  };
  router.get("/sim/shops", () => json({ items: control.listShops() }));
  router.post("/sim/shops", (request) => json(control.createShop(body(request))));
  onShop("install", control.install);
  onShop("uninstall", control.uninstall);
  onShop("scopes", control.setScopes);
  onShop("staff", control.setStaff);
  onShop("session-token", control.sessionToken);
  onShop("compliance", control.sendCompliance);
  onShop("products", control.createProduct);
  onShop("items/update", control.updateItem);
  onShop("locations/update", control.updateLocation);
  onShop("locations/deactivate", control.deactivateLocation);
  onShop("levels/set", control.setLevel);
  onShop("levels/adjust", control.adjustLevel);
  onShop("levels/disconnect", control.disconnectLevel);
  router.get("/sim/shops/:shop/levels", (request) => json({ items: control.levels(shopOf(request)) }));
  router.get("/sim/shops/:shop/truth", (request) => json(control.truth(shopOf(request), pageOf(request))));
}

function mountOrderRoutes(router: Router, control: Control): void {
  const onOrder = (path: string, act: (shop: string, orderId: string, input: Unread) => unknown) => {
    router.post(`/sim/shops/:shop/orders/:id/${path}`, (request) => json(act(shopOf(request), request.params["id"] ?? "", body(request))));
  };
  router.post("/sim/shops/:shop/orders", (request) => json(control.placeOrder(shopOf(request), body(request))));
  router.post("/sim/shops/:shop/orders/bulk", (request) => json(control.placeOrders(shopOf(request), body(request))));
  onOrder("pay", control.payOrder);
  onOrder("edit", control.editOrder);
  onOrder("cancel", control.cancelOrder);
  onOrder("refund", control.refundOrder);
  onOrder("fulfill", control.fulfillOrder);
  onOrder("move", control.moveOrder);
  router.get("/sim/shops/:shop/orders", (request) => json({ items: control.orders(shopOf(request)) }));
  router.get("/sim/shops/:shop/orders/:id", (request) => json(control.order(shopOf(request), request.params["id"] ?? "")));
}

function mountDetectionRoutes(router: Router, control: Control): void {
  router.post("/sim/shops/:shop/draft-orders", (request) => json(control.createDraft(shopOf(request), body(request))));
  router.get("/sim/shops/:shop/draft-orders", (request) => json({ items: control.drafts(shopOf(request)) }));
  router.post("/sim/shops/:shop/draft-orders/:id/complete", (request) => json(control.completeDraft(shopOf(request), idOf(request), body(request))));
  router.post("/sim/shops/:shop/draft-orders/:id/delete", (request) => json(control.deleteDraft(shopOf(request), idOf(request))));
  router.post("/sim/shops/:shop/pos/offline", (request) => json(control.sellOffline(shopOf(request), body(request))));
  router.get("/sim/shops/:shop/flow-triggers", (request) => json({ items: control.flowTriggers(shopOf(request)) }));
  router.get("/sim/shops/:shop/bulk-operations", (request) => json({ items: control.bulkOperations(shopOf(request)) }));
  router.post("/sim/bulk", (request) => json(control.setBulk(body(request))));
  router.post("/sim/bulk/settle", async () => json(await control.settleBulk()));
}

function mountNetworkRoutes(router: Router, control: Control): void {
  router.post("/sim/webhooks/plan", (request) => json(control.planWebhooks(body(request))));
  router.get("/sim/webhooks", () => json(control.webhookCounters()));
  router.get("/sim/webhooks/log", (request) => json(control.webhookLog(pageOf(request))));
  router.post("/sim/webhooks/send", async (request) => json(await control.sendWebhook(body(request))));
  router.post("/sim/webhooks/replay", async (request) => json(await control.replayWebhooks(body(request))));
  router.post("/sim/webhooks/route", (request) => json(control.routeWebhooks(body(request))));
  router.post("/sim/app", (request) => json(control.setApp(body(request))));
  router.post("/sim/webhooks/drain", async (request) => json(await control.drainWebhooks(body(request))));
  router.post("/sim/faults", (request) => json(control.addFault(body(request))));
  router.get("/sim/faults", () => json({ items: control.listFaults() }));
  router.delete("/sim/faults", () => {
    control.clearFaults();
    return json({ items: [] });
  });
  router.get("/sim/shops/:shop/token-requests", (request) => json(control.tokenRequests(shopOf(request))));
  router.get("/sim/held", () => json({ count: control.heldCount() }));
  router.post("/sim/held/release", async (request) => json(await control.releaseHeld(body(request))));
  router.post("/sim/latency", (request) => json(control.setLatency(body(request))));
  router.post("/sim/clock", (request) => json(control.setClock(body(request))));
  router.get("/sim/clock", () => json(control.clock()));
  router.post("/sim/assumptions", (request) => json(control.setAssumptions(body(request))));
  router.get("/sim/assumptions", () => json(control.assumptions()));
  router.post("/sim/snapshot", () => json(control.snapshot()));
  router.post("/sim/restore", (request) => json(control.restore(body(request))));
  router.get("/sim/requests", (request) => json(control.requests({ shop: request.query.get("shop"), ...pageOf(request) })));
}

function body(request: SimRequest): Unread {
  return request.json() as Unread;
}

function idOf(request: SimRequest): string {
  return request.params["id"] ?? "";
}

function shopOf(request: SimRequest): string {
  return request.params["shop"] ?? "";
}

function pageOf(request: SimRequest): { after?: number; limit?: number } {
  const after = request.query.get("after");
  const limit = request.query.get("limit");
  return { ...(after === null ? {} : { after: wholeNumber("after", after) }), ...(limit === null ? {} : { limit: wholeNumber("limit", limit) }) };
}

function wholeNumber(name: string, text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new RequestError(422, "invalid_input", `${name} must be a whole number.`);
  return Number(text);
}
