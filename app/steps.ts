// The named steps of a process: every durable write and every call to the outside, as methods of the ports that the composition wires.
// `before` and `after` each of them is a point at which a process can die; docs/architecture.md lists them with the test of each.

import type { LockStore } from "#app/adapters/redis/lock-store.ts";
import type { RefreshToken } from "#app/adapters/shopify/refresh-token.server.ts";
import type { SealedSessions } from "#app/adapters/shopify/sealed-sessions.server.ts";
import type { Activity } from "#app/ports/activity.ts";
import type { ApiTokenStore } from "#app/ports/api-token-store.ts";
import type { BulkOperations } from "#app/ports/bulk-operations.ts";
import type { BundleStockBook } from "#app/ports/bundle-stock-book.ts";
import type { ChangeLedger } from "#app/ports/change-ledger.ts";
import type { Compliance } from "#app/ports/compliance.ts";
import type { ContentionBook } from "#app/ports/contention.ts";
import type { Corrections } from "#app/ports/corrections.ts";
import type { CostBudget } from "#app/ports/cost-budget.ts";
import type { DeliveryIntake } from "#app/ports/delivery-intake.ts";
import type { AlertChannels } from "#app/ports/alert-channel.ts";
import type { AlertDesk, AlertOutbox } from "#app/ports/alert-outbox.ts";
import type { AlertSecrets } from "#app/ports/alert-secrets.ts";
import type { AlertSignals } from "#app/ports/alert-signals.ts";
import type { ExternalDesk, ExternalPushBook } from "#app/ports/external-pushes.ts";
import type { ExternalReceiver } from "#app/ports/external-receiver.ts";
import type { DetectionOrders } from "#app/ports/detection-orders.ts";
import type { FulfilmentHolds, HoldBook } from "#app/ports/fulfilment-holds.ts";
import type { InstallStore } from "#app/ports/install-store.ts";
import type { LocationBook } from "#app/ports/location-book.ts";
import type { OrderMaker } from "#app/ports/order-maker.ts";
import type { OrderMakingBook } from "#app/ports/order-making-book.ts";
import type { OrderBook } from "#app/ports/order-book.ts";
import type { OrderLister, OrderScanBook } from "#app/ports/order-scan.ts";
import type { BlockBook, ReservationBook, SettlementBook } from "#app/ports/reservation-book.ts";
import type { Retention } from "#app/ports/retention.ts";
import type { ReviewDesk } from "#app/ports/review-desk.ts";
import type { SettingsStore } from "#app/ports/settings-store.ts";
import type { ShopifyInventory } from "#app/ports/shopify-inventory.ts";
import type { ShopifyOrders } from "#app/ports/shopify-orders.ts";
import type { DriftBook, StockScanBook } from "#app/ports/stock-scan.ts";
import type { StockView } from "#app/ports/stock-view.ts";
import type { OversellBook, StockWatch } from "#app/ports/stock-watch.ts";
import type { SourceBook } from "#app/ports/source-book.ts";
import type { TurnHandler, Waker } from "#app/ports/waker.ts";

export interface SteppedPorts {
  readonly intake: DeliveryIntake;
  readonly waker: Waker;
  /** The job around a turn: what is before `take` is a job that was handed out, what is after it a turn whose end is not recorded. */
  readonly turn: { readonly take: TurnHandler };
  readonly installs: InstallStore;
  readonly settings: SettingsStore;
  readonly orders: OrderBook;
  readonly orderScans: OrderScanBook;
  readonly orderLister: OrderLister;
  readonly stockScans: StockScanBook;
  readonly drifts: DriftBook;
  readonly bulk: BulkOperations;
  readonly corrections: Corrections;
  readonly sources: SourceBook;
  readonly ledger: ChangeLedger;
  readonly bundleStock: BundleStockBook;
  readonly detectionOrders: DetectionOrders;
  readonly stockWatch: StockWatch;
  readonly oversells: OversellBook;
  readonly holdBook: HoldBook;
  readonly fulfilmentHolds: FulfilmentHolds;
  readonly activity: Activity;
  readonly contention: ContentionBook;
  readonly locations: LocationBook;
  readonly compliance: Compliance;
  readonly retention: Retention;
  readonly apiTokens: ApiTokenStore;
  readonly review: ReviewDesk;
  readonly sessions: SealedSessions;
  readonly tokenEndpoint: { readonly refresh: RefreshToken };
  readonly shopifyOrders: ShopifyOrders;
  readonly shopifyInventory: ShopifyInventory;
  readonly lockStore: LockStore;
  readonly budget: CostBudget;
  readonly alertOutbox: AlertOutbox;
  readonly alertDesk: AlertDesk;
  readonly alertSecrets: AlertSecrets;
  readonly alertSignals: AlertSignals;
  readonly alertChannels: AlertChannels;
  readonly externalPushes: ExternalPushBook;
  readonly externalReceiver: ExternalReceiver;
  readonly externalDesk: ExternalDesk;
  readonly reservations: ReservationBook;
  readonly stockView: StockView;
  readonly orderMaker: OrderMaker;
  readonly orderMakings: OrderMakingBook;
  readonly settlements: SettlementBook;
  readonly blocks: BlockBook;
}

/** `look`: reads only; a process that dies there leaves what one leaves that died after the step before it. */
export type StepKind = "durable" | "outside" | "look";

type MethodsOf<Port> = { [Key in keyof Port]: Port[Key] extends (...parameters: never[]) => unknown ? Key : never }[keyof Port];

/** A method that is added to a port must be named here: the type says so. */
export const STEPS: { readonly [Port in keyof SteppedPorts]: { readonly [Method in MethodsOf<SteppedPorts[Port]>]: StepKind } } = {
  intake: { store: "durable", storeCompliance: "durable" },
  waker: { wake: "outside", wakeMany: "outside", depth: "look" },
  turn: { take: "outside" },
  installs: { begin: "durable", active: "look", withWork: "look" },
  settings: { initialise: "durable", current: "look", at: "look", save: "durable", resumeSource: "durable" },
  orders: {
    absorb: "durable",
    unblock: "durable",
    due: "look",
    variants: "look",
    itemNames: "look",
    storeVariants: "durable",
    storeReads: "durable",
    storeRoutings: "durable",
    sources: "look",
    derive: "durable",
    hasWork: "look",
    nextDueAt: "look",
  },
  orderScans: { takeDue: "durable", find: "durable", suspects: "look", weigh: "look", feed: "durable", dropCursor: "durable", release: "durable" },
  orderLister: { listUpdated: "outside" },
  stockScans: { takeDue: "durable", takeOne: "durable", ask: "durable", find: "look", advance: "durable", compare: "durable", storeOrders: "durable", release: "durable" },
  drifts: {
    candidates: "look",
    nextCandidateInMs: "look",
    known: "look",
    placesOf: "look",
    history: "look",
    callsInDoubt: "look",
    callHistory: "look",
    record: "durable",
    recordCall: "durable",
  },
  bulk: { start: "outside", look: "outside", find: "outside", cancel: "outside", readStock: "outside", readOrders: "outside" },
  corrections: { act: "durable" },
  sources: {
    suspect: "durable",
    dueSuspicions: "look",
    settleSuspicion: "durable",
    nextJudgementAt: "look",
    othersAtOnce: "look",
    record: "durable",
  },
  ledger: {
    waitingStocks: "look",
    claim: "durable",
    abandoned: "look",
    takeOver: "durable",
    finishAttempt: "durable",
    recordApplied: "durable",
    recordRefused: "durable",
    witnessKey: "look",
    postpone: "durable",
    openCount: "look",
    hasWork: "look",
    nextResendAt: "look",
  },
  bundleStock: { follow: "durable" },
  detectionOrders: { take: "durable", places: "look", record: "durable" },
  stockWatch: { take: "durable", history: "look", recordJudgement: "durable", finish: "durable", recordReads: "durable", tellConflicts: "durable" },
  oversells: { settle: "durable", recordSoldByPlan: "durable", recordPreorders: "durable" },
  holdBook: { target: "look", known: "look", ask: "durable", settle: "durable", markHandled: "durable", takeAutomatic: "durable" },
  fulfilmentHolds: { readPlaces: "outside", hold: "outside", release: "outside" },
  activity: { addTurn: "durable" },
  contention: { add: "durable" },
  locations: { isStale: "look", store: "durable" },
  compliance: { completeOpen: "durable" },
  retention: { shops: "look", sweep: "durable" },
  apiTokens: { create: "durable", list: "look", revoke: "durable", authenticate: "durable" },
  review: { facts: "look", countByReason: "look", act: "durable", replay: "durable" },
  sessions: { load: "look", listOfShop: "look", store: "durable", replacePair: "durable", expire: "durable", delete: "durable" },
  tokenEndpoint: { refresh: "outside" },
  shopifyOrders: {
    readVariants: "outside",
    readVariantsOfItems: "outside",
    readVariantsBySku: "outside",
    readOrders: "outside",
    readOrderLocations: "outside",
    readSoldByPlan: "outside",
    readPreorders: "outside",
  },
  shopifyInventory: { adjustQuantities: "outside", moveQuantities: "outside", bindKey: "outside", readLevels: "outside", readLocations: "outside" },
  lockStore: { newOwner: "look", attempt: "outside", attemptFree: "outside", renew: "outside", letGo: "outside", onWake: "look", list: "look", ready: "look" },
  budget: { reserve: "outside", report: "outside", throttled: "outside", cancel: "outside", standing: "look" },
  alertOutbox: { fanOut: "durable", claim: "durable", record: "durable" },
  alertDesk: { list: "look", retry: "durable" },
  alertSecrets: { keepAddress: "durable", knownAddresses: "look", address: "look", signingSecret: "durable", renewSigningSecret: "durable" },
  alertSignals: { shops: "look", figures: "look", judge: "durable", count: "durable", forget: "durable" },
  alertChannels: { slack: "outside", webhook: "outside", email: "outside", flow: "outside" },
  externalPushes: { shopsDue: "look", claim: "durable", next: "look", settle: "durable", letGo: "durable", reportReceiver: "durable" },
  externalReceiver: { post: "outside" },
  externalDesk: { act: "durable", renewSecret: "durable", queueHistory: "durable" },
  reservations: { reserve: "durable", find: "look", extend: "durable", commit: "durable", release: "durable", expireDue: "durable", nextExpiryInMs: "look" },
  stockView: { states: "look", statesOfItems: "look", locations: "look", variants: "look", byKey: "look", totals: "look" },
  orderMaker: { create: "outside", find: "outside" },
  orderMakings: { leaves: "durable", record: "durable", takeSought: "durable", notFound: "durable" },
  settlements: { settleDue: "durable", decide: "durable" },
  blocks: { resizeDue: "durable", releaseAll: "durable" },
};

/** Put around each port as it is wired; identity in production. Tests strike processes at named steps, or take a guard away. */
export type DecoratePort = <Name extends keyof SteppedPorts>(name: Name, port: SteppedPorts[Name]) => SteppedPorts[Name];

export const AS_IT_IS: DecoratePort = (_name, port) => port;
