// Mounts the simulated admin page and the stand-in for App Bridge on the simulator's router.
import type { Handler, Router, SimResponse } from "../http/router.ts";
import { html, json, RequestError } from "../http/router.ts";
import type { AdminFrameOptions } from "../options.ts";
import type { ShopState } from "../world/state.ts";
import { findShop } from "../world/world.ts";
import type { World } from "../world/world.ts";
import { adminPage, noticePage, shopList } from "./admin-page.ts";
import { adminModule, appBridgeScript, styleSheet } from "./serve-client.ts";
import { panelData, pickerProducts } from "./shop-data.ts";

export function mountAdminFrame(router: Router, world: World, options: AdminFrameOptions): void {
  mountClient(router);
  router.get("/", () => html(shopList([...world.state.shops.values()], options.appHandle)));
  const page: Handler = (request) => openApp(findShop(world, request.params["shop"] ?? ""), request.params["handle"] ?? "", request.params["rest"] ?? "", request.query, options);
  router.get("/store/:shop/apps/:handle/*rest", page);
  router.get("/store/:shop/apps/:handle", page);
  mountData(router, world, options);
}

function mountClient(router: Router): void {
  router.get("/app-bridge.js", () => script(appBridgeScript()));
  router.get("/admin-frame/admin.css", () => ({ status: 200, headers: { "content-type": "text/css; charset=utf-8" }, body: styleSheet() }));
  router.get("/admin-frame/*path", (request) => {
    const code = adminModule(request.params["path"] ?? "");
    if (code === null) throw new RequestError(404, "not_found", "The admin page has no such file.");
    return script(code);
  });
}

/** What the page's script asks for; everything it does to the world goes through the control API instead. */
function mountData(router: Router, world: World, options: AdminFrameOptions): void {
  const onShop = (method: "get" | "post", path: string, answer: (shop: ShopState, input: unknown) => unknown) => {
    router[method](`/admin-frame-data/:shop/${path}`, (request) => json(answer(findShop(world, request.params["shop"] ?? ""), request.json())));
  };
  const scopesOf = (shop: ShopState) => ({ granted: [...(shop.install?.granted ?? [])], required: [...options.scopes], optional: [...options.optionalScopes] });

  onShop("get", "panel", panelData);
  onShop("get", "products", (shop) => ({ items: pickerProducts(shop) }));
  onShop("get", "scopes", scopesOf);
  onShop("post", "session-token", (shop) => ({ token: options.sessionToken(shop.domain) }));
  onShop("post", "scopes", (shop, input) => {
    const change = readScopeChange(input);
    const optional = (names: string[]) => names.filter((name) => options.optionalScopes.includes(name));
    const granted = new Set([...(shop.install?.granted ?? []), ...optional(change.request)]);
    for (const name of optional(change.revoke)) granted.delete(name);
    options.grantScopes(shop.domain, [...granted]);
    return scopesOf(shop);
  });
}

function readScopeChange(input: unknown): { request: string[]; revoke: string[] } {
  const given = typeof input === "object" && input !== null ? (input as Record<string, unknown>) : {};
  return { request: namesIn(given["request"]), revoke: namesIn(given["revoke"]) };
}

function namesIn(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((name): name is string => typeof name === "string") : [];
}

function openApp(shop: ShopState, handle: string, path: string, query: URLSearchParams, options: AdminFrameOptions): SimResponse {
  if (handle !== options.appHandle && handle !== options.apiKey) {
    return html(noticePage("No such app", `${shop.domain} has no app called ${handle}.`), 404);
  }
  const appUrl = options.appUrl();
  if (appUrl === null) return html(noticePage("The app is not running", "The simulator was started without the app's address."), 503);
  if (shop.install === null) return html(noticePage("The app is not installed", `Install it with POST /sim/shops/${shop.domain}/install.`), 404);

  const frame = new URL(path === "" ? "/app" : `/${path}`, appUrl);
  for (const [name, value] of query) frame.searchParams.append(name, value);
  const name = shop.domain.replace(".myshopify.com", "");
  const known = {
    embedded: "1",
    shop: shop.domain,
    host: Buffer.from(`admin.shopify.com/store/${name}`).toString("base64url"),
    locale: "en",
    id_token: options.sessionToken(shop.domain),
  };
  for (const [key, value] of Object.entries(known)) frame.searchParams.set(key, value);
  const appName = `${options.appHandle.charAt(0).toUpperCase()}${options.appHandle.slice(1)}`;
  return html(adminPage({ shop, appName, appHandle: options.appHandle, frameUrl: frame.href, appOrigin: frame.origin, links: options.links }), 200, { "cache-control": "no-store" });
}

function script(code: string): SimResponse {
  return { status: 200, headers: { "content-type": "text/javascript; charset=utf-8", "cache-control": "no-cache" }, body: code };
}
