// What a merchant is told of a bundle whose own stock follows its items: its number at each place, and why it is not another. Pure.

import type { BundleDecision, LeftAlone, NotYet } from "#app/domain/bundle-stock.ts";
import { formatGid } from "#app/domain/gid.ts";
import type { BundleStanding } from "#app/ports/bundle-stock-book.ts";

export interface PlaceStanding {
  readonly locationId: string;
  readonly place: string;
  readonly available: number;
  readonly decision: BundleDecision;
}

/** @param following by variant gid. Those without a known number at any place have an empty list. */
export function standingsByBundle(
  following: readonly { readonly variantId: string }[],
  standings: readonly BundleStanding[],
  locations: readonly { readonly locationId: string; readonly name: string }[],
): Readonly<Record<string, readonly PlaceStanding[]>> {
  const names = new Map(locations.map(({ locationId, name }) => [locationId, name]));
  const byVariant = Map.groupBy(standings, ({ variantId }) => formatGid("ProductVariant", variantId));
  return Object.fromEntries(
    following.map(({ variantId }) => [
      variantId,
      (byVariant.get(variantId) ?? []).map(({ locationId, available, decision }) => ({ locationId, place: names.get(locationId) ?? `Location ${locationId}`, available, decision })),
    ]),
  );
}

const LEFT_ALONE: Readonly<Record<LeftAlone, string>> = {
  native_bundle: "Shopify makes this bundle\u2019s stock itself, so Holdfast leaves it alone.",
  not_tracked: "Shopify does not track the bundle\u2019s stock, so there is no number to keep.",
  component_not_tracked: "Shopify does not track one of its items, so the items do not say how many sets there are.",
  component_unknown: "The stock of one of its items is not known yet.",
  component_not_stocked: "One of its items is not stocked here.",
  component_overwritten: "Another app or person wrote an old number over one of its items. It is not raised until you have decided about it under Overwritten stock.",
};

const NOT_YET: Readonly<Record<NotYet, string>> = {
  busy: "A change of it is on its way, or waits for you under Needs review.",
  unsettled: "It rises when all orders up to its last sale are known, some minutes after it.",
  refused_lately: "It had changed in Shopify a moment ago; it is read again and then decided anew.",
};

/** `tone`: whether the merchant has something to do about it. */
export function standingText(decision: BundleDecision): { readonly text: string; readonly tone: "fine" | "soon" | "attention" } {
  switch (decision.kind) {
    case "equal":
      return { text: "As many as its items allow.", tone: "fine" };
    case "set":
      return { text: `Goes to ${decision.from + decision.delta}.`, tone: "soon" };
    case "wait":
      return { text: NOT_YET[decision.why], tone: "soon" };
    case "leave":
      return { text: LEFT_ALONE[decision.why], tone: "attention" };
  }
}
