// How a mismatch is told: what differs, what explains it and by which evidence, read from what was written down when it was found. Pure.

import { formatCount, formatDelta, formatQuantity } from "./formatting.ts";
import type { ListAddress } from "./overwrite-view.ts";
import { MISMATCH_VIEWS, type MismatchView } from "./problem-terms.ts";

export function readMismatchView(text: string | null): MismatchView {
  return MISMATCH_VIEWS.find((view) => view === text) ?? "open";
}

/** `/app/mismatches?show=all&older=…` */
export function mismatchesUrl(view: MismatchView, page: ListAddress = {}): string {
  const query = new URLSearchParams({ ...(view === "open" ? {} : { show: view }), ...page }).toString();
  return `/app/mismatches${query === "" ? "" : `?${query}`}`;
}

interface Mismatch {
  readonly shopify: number | null;
  readonly known: number | null;
  readonly difference: number;
}

/** "Shopify 9, known 7". */
export function numbersText({ shopify, known }: Pick<Mismatch, "shopify" | "known">): string {
  return `Shopify ${shopify === null ? "none" : formatQuantity(shopify)}, known ${formatQuantity(known)}`;
}

/** "2 more than known". */
export function differenceText({ shopify, difference }: Mismatch): string {
  if (shopify === null) return "not stocked there any more";
  if (difference === 0) return "the same number";
  return `${formatCount(Math.abs(difference))} ${difference > 0 ? "more" : "fewer"} than known`;
}

export function proposalText(delta: number | null): string {
  return delta === null ? "nothing proposed" : `proposed: ${formatDelta(delta)}`;
}

/** Something known that changed the stock, or may have. */
export interface EvidenceEffect {
  readonly key: string;
  readonly what: string;
  readonly delta: number;
  readonly orderId: string | null;
  readonly orderName: string | null;
}

/** A call of Holdfast's that is not certain to have counted once. */
export interface EvidenceCall {
  readonly mutationId: string;
  readonly delta: number;
  readonly firstSentAt: Date | null;
  readonly lastSentAt: Date | null;
  readonly before: { readonly available: number; readonly at: Date | null } | null;
  readonly after: { readonly available: number; readonly at: Date | null } | null;
}

export interface MismatchEvidence {
  readonly effects: readonly EvidenceEffect[];
  /** Sum of the known effects that are certain; null where it was not worked out. */
  readonly expected: number | null;
  /** What nothing known explains. */
  readonly foreign: number | null;
  /** When Shopify's number last changed, as Shopify says. */
  readonly lastChangedAt: Date | null;
  readonly call: EvidenceCall | null;
  /** Shopify does not know the item any more. */
  readonly itemGone: boolean;
}

/** What was written down by another version may lack anything: what is not there is left out. */
export function readEvidence(evidence: Readonly<Record<string, unknown>>): MismatchEvidence {
  const { mutationId, effects } = evidence;
  const delta = toNumber(evidence.delta);
  const seen = (value: unknown, at: unknown) => {
    const available = toNumber(value);
    return available === null ? null : { available, at: toDate(at) };
  };
  return {
    effects: Array.isArray(effects) ? effects.flatMap((effect: unknown) => toEffect(effect) ?? []) : [],
    expected: toNumber(evidence.expected),
    foreign: toNumber(evidence.foreign),
    lastChangedAt: toDate(evidence.lastChangedAt),
    call:
      typeof mutationId !== "string" || delta === null
        ? null
        : {
            mutationId,
            delta,
            firstSentAt: toDate(evidence.firstSentAt),
            lastSentAt: toDate(evidence.lastSentAt),
            before: seen(evidence.before, evidence.beforeAt),
            after: seen(evidence.after, evidence.afterAt),
          },
    itemGone: evidence.itemGone === true,
  };
}

/** By the first word of an effect's key. */
const EFFECT_WORDS: Readonly<Record<string, string>> = { order: "Order", edit: "Order edited", refund: "Refund", cancel: "Order cancelled", ours: "Change by Holdfast" };

function toEffect(effect: unknown): EvidenceEffect | null {
  if (typeof effect !== "object" || effect === null) return null;
  const { effectKey, delta, orderName } = effect as { effectKey?: unknown; delta?: unknown; orderName?: unknown };
  const units = toNumber(delta);
  if (typeof effectKey !== "string" || units === null) return null;
  const [kind = "", subject = ""] = effectKey.split(":");
  const orderId = kind !== "ours" && /^\d{1,19}$/.test(subject) ? subject : null;
  return { key: effectKey, what: EFFECT_WORDS[kind] ?? "Known change", delta: units, orderId, orderName: typeof orderName === "string" ? orderName : null };
}

function toNumber(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

function toDate(value: unknown): Date | null {
  const ms = typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isNaN(ms) ? null : new Date(ms);
}
