// What the blocks in Shopify's admin are told: texts ready to show, so that the words stand in one place. The extensions take these types from here. Pure.

export type BlockTone = "success" | "info" | "warning" | "critical" | "neutral";

export interface BlockChange {
  readonly id: string;
  /** "−2" */
  readonly delta: string;
  readonly cause: string;
  /** "#1044"; null where no order caused it. */
  readonly order: string | null;
  readonly location: string | null;
  readonly state: string;
  readonly tone: BlockTone;
  /** "12 → 10"; null where it is not known. */
  readonly levels: string | null;
  /** "14 minutes ago" */
  readonly when: string;
  /** Of the app, from its root: "/app/history/17". */
  readonly page: string;
}

export interface BlockOversell {
  readonly id: string;
  readonly heading: string;
  /** Who goes short. */
  readonly text: string;
  readonly state: string;
  readonly tone: BlockTone;
  readonly page: string;
}

export interface BlockHold {
  readonly id: string;
  readonly heading: string;
  readonly state: string;
  readonly tone: BlockTone;
  /** "ends in 4 minutes" */
  readonly when: string | null;
  readonly page: string;
}

/** `GET /extension/variants/:variantId` */
export interface VariantStockAnswer {
  readonly item: string;
  readonly changes: readonly BlockChange[];
  readonly oversells: readonly BlockOversell[];
  readonly holds: readonly BlockHold[];
  /** All of it in the app. */
  readonly page: string;
}

export interface BlockOrderLine {
  readonly key: string;
  readonly item: string;
  readonly location: string | null;
  /** "2 units taken, 1 unit given back" */
  readonly effect: string;
}

/** The order in one oversell. */
export interface BlockShortage {
  readonly oversellId: string;
  readonly heading: string;
  /** "2 units short of 3" */
  readonly text: string;
  /** Null while nothing was held of it. */
  readonly hold: { readonly state: string; readonly tone: BlockTone; readonly text: string | null } | null;
  readonly canHold: boolean;
  readonly canRelease: boolean;
  readonly page: string;
}

/** `GET /extension/orders/:orderId` */
export interface OrderStockAnswer {
  readonly verdict: { readonly tone: BlockTone; readonly title: string; readonly text: string };
  readonly lines: readonly BlockOrderLine[];
  /** Lines that are not among them. */
  readonly moreLines: number;
  readonly shortages: readonly BlockShortage[];
  readonly holds: readonly BlockHold[];
  /** Whether the shop lets Holdfast hold fulfilment at all. */
  readonly mayHold: boolean;
  /** What holding and releasing does. */
  readonly consequences: { readonly hold: string; readonly release: string };
  readonly page: string;
}

/** `POST /extension/orders/:orderId`, as a form: `act` (`hold` or `release`) and `oversell`. */
export interface OrderActAnswer {
  /** `done`, or why not: see `OversellActAnswer`. */
  readonly kind: string;
  readonly tone: BlockTone;
  readonly title: string;
  readonly text: string | null;
}
