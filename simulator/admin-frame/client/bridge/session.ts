// Session tokens: fetched from the admin, put on every request to the app, renewed when the app says they are stale.
import { call, isFramed, tell } from "./connection.ts";

/** Tokens live 60 s; one this old is fetched anew, so that a slow request never carries an expired one. */
const tokenReuseMs = 30_000;
const retryHeader = "X-Shopify-Retry-Invalid-Session-Request";
const reauthorizeHeader = "X-Shopify-API-Request-Failure-Reauthorize-Url";

let token: Promise<string> | undefined;
let tokenAtMs = 0;

export async function idToken(): Promise<string> {
  return await call("idToken", null);
}

async function reusedToken(fresh: boolean): Promise<string> {
  if (fresh || token === undefined || performance.now() - tokenAtMs > tokenReuseMs) {
    tokenAtMs = performance.now();
    token = idToken();
    token.catch(() => (token = undefined));
  }
  return await token;
}

export function patchFetch(): void {
  const original = window.fetch.bind(window);
  window.fetch = async (input, init) => {
    const request = new Request(input, init);
    if (!isFramed || new URL(request.url).origin !== location.origin || request.headers.has("Authorization")) return await original(request);
    const again = request.clone();
    const first = await original(await authorized(request, false));
    if (first.status !== 401) return first;
    if (first.headers.has(retryHeader)) return await original(await authorized(again, true));
    const url = first.headers.get(reauthorizeHeader);
    if (url !== null) tell("open", { url, newTab: false });
    return first;
  };
}

async function authorized(request: Request, fresh: boolean): Promise<Request> {
  const headers = new Headers(request.headers);
  headers.set("Authorization", `Bearer ${await reusedToken(fresh)}`);
  headers.set("X-Requested-With", "XMLHttpRequest");
  return new Request(request, { headers });
}

/** The app's bounce page asks to be left for the page it names, with a fresh token in its address. */
export async function followReload(): Promise<void> {
  const target = new URLSearchParams(location.search).get("shopify-reload");
  if (target === null || !isFramed) return;
  location.replace(await withToken(target));
}

/** A page of the app with everything a document request needs to be recognised. */
export async function withToken(href: string): Promise<string> {
  const url = new URL(href, location.href);
  const known = new URLSearchParams(location.search);
  for (const name of ["embedded", "shop", "host", "locale"]) {
    const value = known.get(name) ?? sessionStorage.getItem(`app-bridge.${name}`);
    if (value !== null && !url.searchParams.has(name)) url.searchParams.set(name, value);
  }
  url.searchParams.set("id_token", await idToken());
  return url.href;
}

/** Client-side navigation drops the query; a later full load still needs to know where it is. */
export function parameter(name: "shop" | "host" | "locale" | "embedded"): string {
  const value = new URLSearchParams(location.search).get(name);
  if (value !== null) sessionStorage.setItem(`app-bridge.${name}`, value);
  return value ?? sessionStorage.getItem(`app-bridge.${name}`) ?? "";
}
