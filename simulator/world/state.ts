// Everything the simulated Shopify remembers, as plain data: a snapshot is a structured clone of it.

export const PLANS = ["standard", "advanced", "plus", "enterprise"] as const;
export type Plan = (typeof PLANS)[number];

/** Quantity names an item has at a location. `on_hand` is their sum without `incoming` and is never written by itself. */
export const STORED_QUANTITY_NAMES = ["available", "committed", "reserved", "damaged", "safety_stock", "quality_control", "incoming"] as const;
export type StoredQuantityName = (typeof STORED_QUANTITY_NAMES)[number];
export type QuantityName = StoredQuantityName | "on_hand";
export const ON_HAND_PARTS: readonly StoredQuantityName[] = ["available", "committed", "reserved", "damaged", "safety_stock", "quality_control"];

export type CauseKind = "seed" | "order" | "order_edit" | "cancellation" | "refund" | "fulfilment" | "app" | "writer" | "move" | "draft_order";

/** What a second writer's number stood for: units that were counted, units that came in, or a number computed from an old one. */
export const WRITE_KINDS = ["stock_take", "receipt", "overwrite"] as const;
export type WriteKind = (typeof WRITE_KINDS)[number];

export interface Cause {
  kind: CauseKind;
  orderId?: string;
  lineItemId?: string;
  refundId?: string;
  idempotencyKey?: string;
  referenceDocumentUri?: string;
  adjustmentGroupId?: string;
  reason?: string;
  writer?: string;
  /** Said by whoever played the writer; a verdict reads it, the app never sees it. */
  writeKind?: WriteKind;
  /** The last truth entry that the writer knew of when it computed its number. */
  seenSeq?: number;
  draftOrderId?: string;
}

/** One change of one stored quantity, as it happened; ids are gids. Never edited, never removed. */
export interface TruthEntry {
  seq: number;
  at: string;
  inventoryItemId: string;
  locationId: string;
  name: StoredQuantityName;
  delta: number;
  after: number;
  cause: Cause;
}

export interface Location {
  id: string;
  name: string;
  active: boolean;
  fulfillsOnlineOrders: boolean;
  shipsInventory: boolean;
  fulfilmentService: boolean;
}

export interface Component {
  variantId: string;
  quantity: number;
}

/** How a product may be bought: `reserve` says when its units leave `available`. */
export interface SellingPlan {
  id: string;
  name: string;
  category: "OTHER" | "PRE_ORDER" | "SUBSCRIPTION" | "TRY_BEFORE_YOU_BUY";
  reserve: "ON_SALE" | "ON_FULFILLMENT";
}

export interface SellingPlanGroup {
  id: string;
  name: string;
  planIds: string[];
}

export interface Product {
  id: string;
  title: string;
  handle: string;
  tags: string[];
  giftCard: boolean;
  createdAtMs: number;
  variantIds: string[];
  sellingPlanGroupIds: string[];
}

export interface Variant {
  id: string;
  productId: string;
  itemId: string;
  title: string;
  sku: string;
  price: string;
  inventoryPolicy: "DENY" | "CONTINUE";
  requiresComponents: boolean;
  components: Component[];
}

export interface Item {
  id: string;
  variantId: string;
  sku: string;
  tracked: boolean;
  requiresShipping: boolean;
  createdAtMs: number;
  updatedAtMs: number;
}

export interface Quantity {
  value: number;
  updatedAtMs: number;
}

export interface Level {
  itemId: string;
  locationId: string;
  active: boolean;
  createdAtMs: number;
  updatedAtMs: number;
  quantities: Record<QuantityName, Quantity>;
}

export interface LineGroup {
  id: string;
  title: string;
  quantity: number;
  variantId: string;
  variantSku: string;
  productId: string;
}

export interface OrderLine {
  id: string;
  variantId: string;
  productId: string;
  itemId: string;
  title: string;
  variantTitle: string;
  sku: string;
  price: string;
  tracked: boolean;
  requiresShipping: boolean;
  giftCard: boolean;
  properties: { name: string; value: string }[];
  group: LineGroup | null;
  /** The plan by which the line was bought. */
  sellingPlanId: string | null;
  /** Units ever ordered: an edit upwards raises it, a removal never lowers it. */
  quantity: number;
  removedUnfulfilled: number;
  removedFulfilled: number;
  fulfilled: number;
  locationId: string;
  /** Shopify took stock for this line when the order was placed; false for bypassed orders and untracked items. */
  movesStock: boolean;
  /** Unfulfilled units of this line that Shopify holds in `committed` at the line's location. */
  held: number;
}

export interface RefundLine {
  id: string;
  lineItemId: string;
  quantity: number;
  restockType: "no_restock" | "cancel" | "return";
  locationId: string | null;
}

export interface Refund {
  id: string;
  createdAtMs: number;
  lines: RefundLine[];
}

/** What an app or the merchant wrote on a thing; `namespace` with the app's own prefix resolved. */
export interface Metafield {
  id: string;
  namespace: string;
  key: string;
  type: string;
  value: string;
}

export interface MetafieldDefinition {
  id: string;
  ownerType: "ORDER";
  namespace: string;
  key: string;
  type: string;
  name: string;
  uniqueValues: boolean;
}

/** What the buyer, or whoever made the order, wrote on it. */
export interface OrderNotes {
  /** `note_attributes` of the webhook, `customAttributes` of the Admin API. */
  attributes: { name: string; value: string }[];
  note: string | null;
  tags: string[];
  email: string | null;
}

export interface Order {
  id: string;
  number: number;
  name: string;
  channel: "web" | "pos" | "draft" | "subscription" | "api";
  sourceName: string;
  appId: string | null;
  /** POS only, as on Shopify: everywhere else it is null and the fulfilment orders say where. */
  locationId: string | null;
  test: boolean;
  createdAtMs: number;
  /** When the sale took place: before `createdAtMs` for what a till sold while it was offline. */
  processedAtMs: number;
  updatedAtMs: number;
  cancelledAtMs: number | null;
  paidAtMs: number | null;
  edited: boolean;
  lines: OrderLine[];
  refunds: Refund[];
  fulfilmentOrderIds: string[];
  notes: OrderNotes;
  metafields: Metafield[];
}

/** An edit of an order that is not committed yet. */
export interface EditSession {
  id: string;
  orderId: string;
  /** By line; a line that is not named stays as it is. */
  setQuantities: Map<string, { quantity: number; restock: boolean }>;
}

export interface FulfilmentOrderLine {
  id: string;
  lineItemId: string;
  total: number;
  remaining: number;
}

export interface FulfilmentHold {
  id: string;
  handle: string;
  reason: string;
  reasonNotes: string | null;
  appId: string;
}

export interface FulfilmentOrder {
  id: string;
  orderId: string;
  locationId: string;
  status: "open" | "in_progress" | "on_hold" | "closed" | "cancelled";
  createdAtMs: number;
  updatedAtMs: number;
  lines: FulfilmentOrderLine[];
  holds: FulfilmentHold[];
}

/** An order in the making. With a reservation, its units lie in `reserved` until it is completed, deleted, or the time has passed. */
export interface DraftOrder {
  id: string;
  name: string;
  status: "open" | "completed" | "deleted";
  lines: { variantId: string; quantity: number }[];
  reserveUntilMs: number | null;
  /** Per line of the order to be, native bundles taken apart; empty when nothing is reserved (any more). */
  reserved: { itemId: string; locationId: string; units: number }[];
  orderId: string | null;
}

export type BulkStatus = "CREATED" | "RUNNING" | "CANCELING" | "CANCELED" | "COMPLETED" | "FAILED" | "EXPIRED";

export interface BulkOperation {
  id: string;
  query: string;
  groupObjects: boolean;
  status: BulkStatus;
  errorCode: "ACCESS_DENIED" | "INTERNAL_SERVER_ERROR" | "TIMEOUT" | null;
  createdAtMs: number;
  completedAtMs: number | null;
  objectCount: number;
  rootObjectCount: number;
  fileSize: number | null;
  url: string | null;
  partialDataUrl: string | null;
}

export interface FlowTrigger {
  seq: number;
  at: string;
  handle: string;
  payload: unknown;
}

export interface Install {
  gid: string;
  granted: string[];
  /** Handles of the app's Flow triggers. */
  flowTriggers: string[];
}

/** A person with a login of the shop. Whoever is not on record is its owner. */
export interface StaffMember {
  accountOwner: boolean;
  /** Scopes that the person's permissions cover; an app's token for the person has no others. */
  scopes: string[];
}

export interface AccessToken {
  token: string;
  kind: "offline" | "online";
  installGid: string;
  userId: string | null;
  expiresAtMs: number | null;
  /** The refresh token this pair replaced; it dies when this pair is first used. */
  replaces: string | null;
}

export interface RefreshToken {
  token: string;
  installGid: string;
  expiresAtMs: number;
  replaces: string | null;
}

export interface IdempotencyRecord {
  fingerprint: string;
  recordedAtMs: number;
  outcome: { kind: "result"; payload: unknown } | { kind: "failed" };
}

export interface Bucket {
  available: number;
  atMs: number;
}

export interface ShopState {
  id: string;
  domain: string;
  name: string;
  plan: Plan;
  timezone: string;
  currency: string;
  bigIds: boolean;
  nextOrderNumber: number;
  locations: Map<string, Location>;
  products: Map<string, Product>;
  sellingPlanGroups: Map<string, SellingPlanGroup>;
  sellingPlans: Map<string, SellingPlan>;
  variants: Map<string, Variant>;
  items: Map<string, Item>;
  levels: Map<string, Level>;
  levelsByItem: Map<string, Level[]>;
  orders: Map<string, Order>;
  lineIndex: Map<string, OrderLine>;
  fulfilmentOrders: Map<string, FulfilmentOrder>;
  draftOrders: Map<string, DraftOrder>;
  editSessions: Map<string, EditSession>;
  metafieldDefinitions: MetafieldDefinition[];
  bulkOperations: Map<string, BulkOperation>;
  flowTriggers: FlowTrigger[];
  truth: TruthEntry[];
  install: Install | null;
  staff: Map<string, StaffMember>;
  accessTokens: Map<string, AccessToken>;
  refreshTokens: Map<string, RefreshToken>;
  idempotency: Map<string, IdempotencyRecord>;
  bucket: Bucket | null;
}

export interface WorldState {
  nextId: number;
  nextTruthSeq: number;
  nextInstall: number;
  shops: Map<string, ShopState>;
}
