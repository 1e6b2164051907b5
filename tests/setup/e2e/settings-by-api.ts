// The shop's settings and history through Holdfast's public API, for what a journey presupposes and for what it must show.
import { vi } from "vitest";
import { CHANNEL } from "./small-shop.ts";
import type { WholeApp } from "./whole-app.ts";

/** Generous, because a test machine may be busy. */
const WAIT_LIMIT_MS = 60_000;

export interface Settings {
  readonly version: number;
  readonly mode: "observe" | "enforce";
  readonly deduct: { readonly sources: readonly { readonly sourceName?: string; readonly confirmedBypass: boolean }[]; readonly on: string; readonly location: string };
  readonly bundles: readonly { readonly variantId: string; readonly parentStock: string; readonly components: readonly { readonly inventoryItemId: string; readonly quantity: number }[] }[];
  readonly alerts: readonly { readonly kind: string; readonly target: string; readonly on: readonly string[]; readonly threshold: Readonly<Record<string, number>> }[];
  readonly retentionDays: number;
}

export interface ListedChange {
  readonly id: string;
  readonly orderId: string;
  readonly orderName: string;
  readonly inventoryItemId: string;
  readonly delta: number;
  readonly state: string;
  readonly before: number | null;
  readonly after: number | null;
}

export interface Api {
  readonly token: string;
  settings(): Promise<Settings>;
  save(change: (settings: Settings) => Settings): Promise<Settings>;
  /** Protection on, the channel's orders deducted. */
  protect(): Promise<Settings>;
  changes(query?: string): Promise<ListedChange[]>;
  /** Resolves when the shop's history holds as many changes in this state. */
  reached(state: string, count: number): Promise<ListedChange[]>;
}

export function callApi(whole: Pick<WholeApp, "webUrl">, token: string, path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(`${whole.webUrl}/api/v1${path}`, { ...init, headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" } });
}

/** The shop's first page must have been opened: that is when the app gets its access token and the shop its install. */
export async function openApi(whole: WholeApp, shop: string): Promise<Api> {
  const token = await whole.createToken(shop);
  const ask = async <Answer>(path: string, init?: RequestInit): Promise<Answer> => {
    const response = await callApi(whole, token, path, init);
    const text = await response.text();
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${text}`);
    return JSON.parse(text) as Answer;
  };
  const api: Api = {
    token,
    settings: () => ask<Settings>("/settings"),
    save: async (change) => await ask<Settings>("/settings", { method: "PUT", body: JSON.stringify(change(await api.settings())) }),
    protect: () => api.save((settings) => ({ ...settings, mode: "enforce", deduct: { ...settings.deduct, sources: [{ sourceName: CHANNEL, confirmedBypass: true }] } })),
    changes: async (query = "") => (await ask<{ items: ListedChange[] }>(`/changes?limit=250${query}`)).items,
    reached: (state, count) =>
      vi.waitFor(
        async () => {
          const found = await api.changes(`&state=${state}`);
          if (found.length !== count) throw new Error(`${found.length} changes are ${state}, not ${count}`);
          return found;
        },
        { timeout: WAIT_LIMIT_MS, interval: 100 },
      ),
  };
  return api;
}
