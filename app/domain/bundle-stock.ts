// What a bundle's own stock should be where its number follows its items: the whole sets that they allow, and whether it may be said now. Pure.

export interface ComponentStock {
  /** Units in one bundle, >= 1. */
  readonly quantity: number;
  /** Null: never seen, or not stocked at the location. */
  readonly available: number | null;
  readonly stocked: boolean;
  readonly tracked: boolean;
  /** Units that known orders take from it and that Shopify has not confirmed yet, >= 0. What comes back counts once it is confirmed. */
  readonly taking: number;
  /** Another writer put an old number over orders there, and nobody has decided about it. */
  readonly overwritten: boolean;
}

export interface BundleAtLocation {
  /** The bundle's own number, as last known. */
  readonly available: number;
  readonly tracked: boolean;
  /** Shopify makes its stock itself. */
  readonly native: boolean;
  /** Something else of ours is on its way to the same number, or an earlier decision waits for a person. */
  readonly busy: boolean;
  /** Its number changed, perhaps by somebody else than us, and not all orders of that moment are known to have been worked on. */
  readonly unsettled: boolean;
  /** Shopify refused a change from this very number a moment ago. */
  readonly refusedLately: boolean;
  readonly components: readonly ComponentStock[];
}

/** Why nothing is done about it: for good as things stand, or for now. */
export type LeftAlone = "native_bundle" | "not_tracked" | "component_unknown" | "component_not_stocked" | "component_not_tracked" | "component_overwritten";
export type NotYet = "busy" | "unsettled" | "refused_lately";

export type BundleDecision =
  | { readonly kind: "equal" }
  /** Never 0. */
  | { readonly kind: "set"; readonly from: number; readonly delta: number }
  | { readonly kind: "wait"; readonly why: NotYet }
  | { readonly kind: "leave"; readonly why: LeftAlone };

/** Bundles that can be made of what is there, never below 0. An item without a known number allows none. */
export function wholeSets(components: readonly Pick<ComponentStock, "quantity" | "available" | "taking">[]): number {
  const sets = components.map(({ quantity, available, taking }) => Math.floor(((available ?? 0) - taking) / quantity));
  return sets.length === 0 ? 0 : Math.max(0, Math.min(...sets));
}

/**
 * A fall is said as soon as it is known: whoever sells too few for a while oversells nothing. A rise waits until every order of the moment at
 * which the bundle's number last changed is known and worked on: a bundle that Shopify has just sold still has its items here, and a number that
 * rose now would sell them a second time. The compare keeps out what is sold between this decision and its arrival.
 */
export function decideBundleStock(bundle: BundleAtLocation): BundleDecision {
  const left = whyLeftAlone(bundle);
  if (left !== null) return { kind: "leave", why: left };
  const delta = wholeSets(bundle.components) - bundle.available;
  if (delta === 0) return { kind: "equal" };
  if (bundle.busy) return { kind: "wait", why: "busy" };
  if (bundle.refusedLately) return { kind: "wait", why: "refused_lately" };
  if (delta > 0 && bundle.components.some(({ overwritten }) => overwritten)) return { kind: "leave", why: "component_overwritten" };
  if (delta > 0 && bundle.unsettled) return { kind: "wait", why: "unsettled" };
  return { kind: "set", from: bundle.available, delta };
}

function whyLeftAlone({ native, tracked, components }: BundleAtLocation): LeftAlone | null {
  if (native) return "native_bundle";
  if (!tracked) return "not_tracked";
  if (components.some((component) => !component.tracked)) return "component_not_tracked";
  if (components.some(({ stocked, available }) => stocked && available === null)) return "component_unknown";
  if (components.some(({ stocked }) => !stocked)) return "component_not_stocked";
  return null;
}
