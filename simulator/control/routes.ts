// The control API: `/sim/…` paths onto the control's functions, which check what they are given themselves.
import type { Router, SimRequest } from "../http/router.ts";
import { RequestError, json } from "../http/router.ts";
import type { Control } from "./control.ts";

/** Control functions read their input with a schema, so what arrives over HTTP is handed on unread. */
type Unread = never;

export function mountControl(router: Router, control: Control): void {
  const onShop = (path: string, act: (shop: string, input: Unread) => unknown) => {
    router.post(`/sim/shops/:shop/${path}`, async (request) => json(await act(shopOf(request), body(request))));
  };

  router.get("/sim/shops", () => json({ items: control.listShops() }));
  router.post("/sim/shops", (request) => json(control.createShop(body(request))));
  onShop("install", control.install);
  onShop("uninstall", control.uninstall);
  onShop("scopes", control.setScopes);
  onShop("session-token", control.sessionToken);
  onShop("compliance", control.sendCompliance);
  onShop("products", control.createProduct);
  onShop("items/update", control.updateItem);
  onShop("locations/deactivate", control.deactivateLocation);
  onShop("levels/set", control.setLevel);
  onShop("levels/adjust", control.adjustLevel);
  onShop("levels/disconnect", control.disconnectLevel);
  router.get("/sim/shops/:shop/levels", (request) => json({ items: control.levels(shopOf(request)) }));
  router.get("/sim/shops/:shop/truth", (request) => json(control.truth(shopOf(request), pageOf(request))));
}

function body(request: SimRequest): Unread {
  return request.json() as Unread;
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
