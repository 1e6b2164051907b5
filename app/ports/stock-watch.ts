// Port of judging stocks: what has news, its history, where verdicts and overwrites are kept, and the incidents of an item.

import type { OversellCause, Confidence } from "#app/domain/detection/explain-oversell.ts";
import type { FoundOversell, OversellKind } from "#app/domain/detection/find-oversells.ts";
import type { ShortPolicy } from "#app/domain/detection/choose-short.ts";
import type { Effect, HistoryJudgement, Observation } from "#app/domain/detection/stock-history.ts";
import type { StockLevel, StockPlace } from "./shopify-inventory.ts";

export interface StockToJudge extends StockPlace {
  readonly installId: bigint;
  readonly shop: string;
  /** From when on its history is to be looked at again. */
  readonly fromAt: Date;
  /** Names this take: what is finished under an older one changes nothing. */
  readonly takenUntil: string;
}

export interface StockHistory {
  /** In order of time; the first may lie before the window, so that the next one's change is known. */
  readonly observations: readonly Observation[];
  readonly effects: readonly Effect[];
  /** Moments at which a read showed that `reserved` changed, ms since 1970. */
  readonly reservationsMs: readonly number[];
  /** Observations that are held to be overwrites already, whatever a person made of them. */
  readonly knownOverwrites: ReadonlySet<string>;
  /** The first observation is the first there is of this stock. */
  readonly fromBeginning: boolean;
  /** Set when there is more than one look takes: judge again from here. */
  readonly moreFrom: Date | null;
}

export interface StockWatch {
  /** Stocks of active installs whose news is due, shops in turn; nobody else gets them for `leaseMs`. */
  take(limit: number, leaseMs: number): Promise<readonly StockToJudge[]>;
  history(stock: StockToJudge): Promise<StockHistory>;
  /** Verdicts from `fromAt` on, overwrites found and no longer found, in one transaction. Answers how many conflicts were opened. */
  recordJudgement(stock: StockToJudge, history: StockHistory, judgement: HistoryJudgement): Promise<number>;
  /** Judged, unless news came meanwhile: that is due by itself. */
  finish(stocks: readonly StockToJudge[]): Promise<void>;
  /** Levels that were read: what is news becomes an observation, moves the mirror and is judged. Answers how many were news. */
  recordReads(installId: bigint, levels: readonly StockLevel[]): Promise<number>;
  /** Alerts of conflicts that have stood for `graceMs`, each once; answers how many. */
  tellConflicts(limit: number, graceMs: number): Promise<number>;
}

export interface OversellLocation {
  readonly locationId: string;
  readonly name: string | null;
  readonly available: number | null;
  readonly ships: boolean;
  readonly pending: number;
  readonly hidden: number;
  readonly seenBy: "notification" | "read" | "scan" | "own_answer";
  /** Of the last hour, by foreign writes: units put back over orders, units taken away, changes whose author cannot be told. */
  readonly putBack: number;
  readonly takenAway: number;
  readonly unknownChanges: number;
  /** The newest foreign number that was no overwrite. */
  readonly countedAt: Date | null;
}

export interface OpenOrderUnits {
  readonly orderId: string;
  readonly name: string | null;
  readonly lineId: string;
  readonly locationId: string | null;
  readonly units: number;
  readonly committedMs: number;
  readonly heardMs: number;
  readonly paid: boolean;
  readonly component: boolean;
  readonly exempt: string | null;
  readonly variantId: string | null;
  /** By the plan that sold it; null: no preorder, or not asked. */
  readonly preorder: PreorderTaking | null;
  /** What is to be asked of Shopify before a lack of the item is told of: of its variant whether plans sell it, then of the line which one did. */
  readonly toAsk: "variant" | "line" | null;
}

/** When a preorder takes its units from stock. */
export type PreorderTaking = "on_sale" | "on_fulfilment";

/** One order of an incident, as it is kept and shown. */
export interface OversellOrder {
  readonly orderId: string;
  readonly name: string | null;
  readonly lineId: string;
  /** ISO 8601. */
  readonly committedAt: string;
  readonly units: number;
  readonly unitsShort: number;
  readonly paid: boolean;
  readonly verdict: "short" | "served" | "exempt";
  readonly exempt: string | null;
}

export interface OpenOversell {
  readonly id: bigint;
  readonly locationId: string;
  readonly kind: OversellKind;
  readonly depth: number;
  readonly short: number;
  readonly movable: FoundOversell["movable"];
  readonly orders: readonly OversellOrder[];
  readonly openedAt: Date;
}

/** Everything that decides about the oversells of one item. */
export interface ItemFacts {
  readonly locations: readonly OversellLocation[];
  /** In order of commitment. */
  readonly orders: readonly OpenOrderUnits[];
  /** Units of late that tills have handed over already: nobody is short of them, and they may be why others are. */
  readonly handedOver: readonly Pick<OpenOrderUnits, "units" | "committedMs" | "heardMs">[];
  readonly tracked: boolean;
  readonly policy: "deny" | "continue" | null;
  readonly open: readonly OpenOversell[];
}

export interface OversellReport extends FoundOversell {
  readonly orders: readonly OversellOrder[];
  readonly policy: ShortPolicy;
  readonly cause: OversellCause;
  readonly confidence: Confidence;
  readonly evidence: Readonly<Record<string, number>>;
}

export type CloseReason = "stock_returned" | "orders_gone" | "moved" | "recounted";

export interface ItemDecision {
  readonly report: readonly OversellReport[];
  readonly close: readonly { readonly locationId: string; readonly reason: CloseReason }[];
}

export interface SettledOversell {
  readonly id: bigint;
  readonly locationId: string;
  readonly kind: OversellKind;
  readonly what: "opened" | "changed" | "closed";
}

export interface ItemToSettle {
  readonly installId: bigint;
  readonly shop: string;
  readonly inventoryItemId: string;
  /** Keys of sources whose bypass the merchant vouches for. */
  readonly confirmedSources: readonly string[];
}

export interface OversellBook {
  /** Reads the facts, lets `decide` (pure) say what follows and writes it with its alerts, one at a time for each item, in one transaction. `null`: nothing is written. */
  settle(item: ItemToSettle, decide: (facts: ItemFacts) => ItemDecision | null): Promise<readonly SettledOversell[]>;
  /** Remembered for an hour: a merchant may begin to sell by plans. */
  recordSoldByPlan(installId: bigint, variants: readonly { readonly variantId: string; readonly soldByPlan: boolean }[]): Promise<void>;
  /** Remembered for good: by which plan a line was sold does not change. `null`: by none, or by one that is no preorder's. */
  recordPreorders(installId: bigint, lines: readonly { readonly orderId: string; readonly lineId: string; readonly preorder: PreorderTaking | null }[]): Promise<void>;
}
