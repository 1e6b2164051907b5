// Makes a shop ready for a custom checkout: the merchant opens Holdfast, switches protection on, and gives the checkout a token.
import { openApp } from "./holdfast-app.ts";
import type { HoldfastOptions } from "./holdfast-app.ts";

type Settings = Readonly<Record<string, unknown>>;

/** Resolves with the token. The app is installed, with the scopes it needs. */
export async function switchHoldsOn(options: HoldfastOptions, shop: string): Promise<string> {
  await openApp(options, shop);
  const token = await options.createToken(shop);
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const address = `${options.url}/api/v1/settings`;
  const settings = (await (await fetch(address, { headers })).json()) as Settings;
  const saved = await fetch(address, { method: "PUT", headers, body: JSON.stringify({ ...settings, mode: "enforce" }) });
  const text = await saved.text();
  if (!saved.ok) throw new Error(`protection was not switched on: ${saved.status} ${text.slice(0, 500)}`);
  return token;
}
