// The composition's facts that a rush asks for with every request: remembered for a moment, forgotten at once by whoever changes them here.

import { createHash } from "node:crypto";

import { identifyCaller } from "#app/api/identify-caller.server.ts";
import type { ApiTokenStore } from "#app/ports/api-token-store.ts";
import type { Clock } from "#app/ports/clock.ts";
import type { InstallStore } from "#app/ports/install-store.ts";
import type { SettingsStore } from "#app/ports/settings-store.ts";
import type { StockView } from "#app/ports/stock-view.ts";
import { type BriefMemory, rememberBriefly } from "#app/reservations/remember-briefly.ts";

interface Stores {
  readonly settingsStore: SettingsStore;
  readonly apiTokenStore: ApiTokenStore;
  readonly installStore: InstallStore;
  readonly clock: Pick<Clock, "monotonicMs">;
}

/**
 * What another process changes counts here after `BELIEVED_MS`. Nothing rests on it: an install that ended, protection that was switched off
 * and units that are gone are found out by the transactions that grant and claim.
 */
export function composeBriefFacts({ settingsStore, apiTokenStore, installStore, clock }: Stores) {
  const current = rememberBriefly((installId: bigint) => settingsStore.current(installId), { clock, keyOf: String });
  const identify = rememberBriefly((token: string) => identifyCaller({ apiTokenStore, installStore }, token), {
    clock,
    // The token itself is kept nowhere, and what opens nothing now may be created the next moment.
    keyOf: (token) => createHash("sha256").update(token).digest("hex"),
    isKept: (caller) => caller !== null,
  });
  return {
    facts: { settings: { current }, identify },
    settingsStore: { ...settingsStore, save: (request) => forgetAfter(settingsStore.save(request), current) } satisfies SettingsStore,
    apiTokenStore: { ...apiTokenStore, revoke: (request) => forgetAfter(apiTokenStore.revoke(request), identify) } satisfies ApiTokenStore,
    installStore: { ...installStore, begin: (facts) => forgetAfter(installStore.begin(facts), identify) } satisfies InstallStore,
  };
}

export type BriefFacts = ReturnType<typeof composeBriefFacts>["facts"];

async function forgetAfter<Result, Args extends readonly unknown[], Value>(writing: Promise<Result>, memory: BriefMemory<Args, Value>): Promise<Result> {
  try {
    return await writing;
  } finally {
    memory.forget();
  }
}

/** The places of a shop change rarely; which of them has most of an item is asked anew, but once for all who ask at the same moment. */
export function rememberPlaces(view: StockView, clock: Pick<Clock, "monotonicMs">): StockView {
  return {
    ...view,
    locations: rememberBriefly((installId) => view.locations(installId), { clock, keyOf: String, isKept: (known) => known.length > 0 }),
    statesOfItems: rememberBriefly((installId, itemIds) => view.statesOfItems(installId, itemIds), { clock, keyOf: (installId, itemIds) => `${installId}/${itemIds.join()}`, maxAgeMs: 0 }),
  };
}
