// Why a stock was oversold, as far as it can be told: the causes are tried from the one that is proven by numbers to the one that is left.

export type OversellCause = "foreign_write" | "late_notification" | "bundle" | "two_sales" | "unknown";
export type Confidence = "certain" | "likely" | "unknown";

export interface OversellEvidence {
  /** Units promised beyond what is there, > 0. */
  readonly depth: number;
  /** What foreign writes of the last hour did: units put back over unseen orders, units taken away. Both ≥ 0. */
  readonly putBack: number;
  readonly takenAway: number;
  /** Changes of the last hour whose author cannot be told. */
  readonly unknownChanges: number;
  readonly orders: readonly {
    readonly units: number;
    readonly committedMs: number;
    /** When Holdfast first heard of the order. */
    readonly heardMs: number;
    /** Taken as a component of a bundle. */
    readonly component: boolean;
    readonly short: boolean;
  }[];
  /** Sold at tills and gone, whoever is short now. */
  readonly handedOver?: readonly { readonly units: number; readonly committedMs: number; readonly heardMs: number }[];
}

export interface OversellExplanation {
  readonly cause: OversellCause;
  readonly confidence: Confidence;
}

/** Heard of so much later than sold, an order could not be reckoned with by those after it. */
const LATE_MS = 60_000;

export function explainOversell({ depth, putBack, takenAway, unknownChanges, orders, handedOver = [] }: OversellEvidence): OversellExplanation {
  const foreign = putBack + takenAway;
  if (foreign >= depth) return { cause: "foreign_write", confidence: "certain" };
  const firstShortMs = Math.min(...orders.filter(({ short }) => short).map(({ committedMs }) => committedMs));
  // Sold before somebody who is short now, and heard of after him.
  const late = units([...orders, ...handedOver].filter(({ committedMs, heardMs }) => heardMs - committedMs > LATE_MS && committedMs <= firstShortMs && heardMs > firstShortMs));
  if (late >= depth) return { cause: "late_notification", confidence: "certain" };
  const components = units(orders.filter(({ component }) => component));
  const others = units(orders) - components;
  // A bundle and something else drew on the same units.
  if (components > 0 && others > 0 && components >= depth) return { cause: "bundle", confidence: unknownChanges === 0 ? "certain" : "likely" };
  if (foreign > 0) return { cause: "foreign_write", confidence: "likely" };
  if (late > 0) return { cause: "late_notification", confidence: "likely" };
  if (units(orders) >= depth && orders.some(({ short }) => short)) return { cause: "two_sales", confidence: unknownChanges === 0 ? "certain" : "likely" };
  return { cause: "unknown", confidence: "unknown" };
}

function units(of: readonly { readonly units: number }[]): number {
  return of.reduce((sum, order) => sum + order.units, 0);
}
