// Loaded before an app (`node --import …/redirect.ts`): what the app asks of `https://<shop>.myshopify.com` goes to the simulator instead.
import process from "node:process";

const SHOP_HOST = /^[a-z0-9][a-z0-9-]*\.myshopify\.com$/i;

/** Puts itself around `fetch`; answers with a way to take it off again. */
export function redirectShopRequests(simulatorOrigin: string): () => void {
  const original = globalThis.fetch;
  const origin = simulatorOrigin.replace(/\/$/, "");
  globalThis.fetch = (input, init) => {
    const request = new Request(input, init);
    const url = new URL(request.url);
    if (!SHOP_HOST.test(url.hostname)) return original(input, init);
    const headers = new Headers(request.headers);
    headers.set("x-forwarded-host", url.hostname);
    return original(new Request(`${origin}${url.pathname}${url.search}`, { method: request.method, headers, body: request.body, duplex: "half", signal: request.signal, redirect: request.redirect }));
  };
  return () => {
    globalThis.fetch = original;
  };
}

const origin = process.env["SIMULATOR_ORIGIN"];
if (origin) redirectShopRequests(origin);
