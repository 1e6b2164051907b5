// What the buyers will do, drawn from a seed before anything runs: the same seed is the same sale, whoever handles its webhooks.
import { createRandom } from "../world/random.ts";

export type OrderKind = "bypassed" | "own_bundle" | "native";
export type RestockType = "no_restock" | "cancel" | "return";

/** A later act on the order's first line, or on the whole order. */
export type LaterAct =
  | { act: "edit"; quantity: number }
  | { act: "refund"; units: number; restockType: RestockType }
  | { act: "cancel"; restock: boolean };

export type PlannedOrder = {
  kind: OrderKind;
  /** Index into the catalogue's plain products or bundles. */
  lines: { product: "plain" | "bundle"; index: number; quantity: number }[];
  later: LaterAct[];
  /** Acts follow at once; otherwise after the next burst. */
  atOnce: boolean;
  /** Everything sent about the order's creation is late, so that its cancellation overtakes it. */
  createdLate: boolean;
};

export type SaleSize = { orders: number; bursts: number; plainProducts: number; bundles: number };
export type BuyersScript = { bursts: PlannedOrder[][]; orders: number };

const kinds: OrderKind[] = ["bypassed", "own_bundle", "native"];
/** Of each burst, so many orders are cancelled before their creation is told. */
const cancelledFirstPerBurst = 3;

export function writeBuyersScript(seed: number, size: SaleSize): BuyersScript {
  const random = createRandom(seed);
  const below = (limit: number) => Math.floor(random.next() * limit);
  const perBurst = Math.ceil(size.orders / size.bursts);
  const orders = Array.from({ length: size.orders }, (_, index) => planOrder(index, perBurst, size, below));
  const bursts = Array.from({ length: size.bursts }, (_, burst) => orders.slice(burst * perBurst, (burst + 1) * perBurst));
  return { bursts, orders: orders.length };
}

function planOrder(index: number, perBurst: number, size: SaleSize, below: (limit: number) => number): PlannedOrder {
  const kind = kinds[index % kinds.length] ?? "native";
  const lines = planLines(kind, size, below);
  // The first orders of a burst: one of each kind.
  if (index % perBurst < cancelledFirstPerBurst) {
    return { kind, lines, later: [{ act: "cancel", restock: true }], atOnce: true, createdLate: true };
  }
  const later = planLater(below);
  const [first] = lines;
  // What is edited was bought once, what is refunded twice: so that 1 → 3 is what happens, and something is left to cancel.
  if (first !== undefined && later[0]?.act === "edit") first.quantity = 1;
  if (first !== undefined && later[0]?.act === "refund") first.quantity = 2;
  return { kind, lines, later, atOnce: below(2) === 0, createdLate: false };
}

function planLines(kind: OrderKind, size: SaleSize, below: (limit: number) => number): PlannedOrder["lines"] {
  const plain = () => ({ product: "plain" as const, index: below(size.plainProducts), quantity: 1 + below(2) });
  const bundle = () => ({ product: "bundle" as const, index: below(size.bundles), quantity: 1 + below(2) });
  switch (kind) {
    case "native":
      return below(3) === 0 ? [plain(), plain()] : [plain()];
    case "own_bundle":
      return below(3) === 0 ? [bundle(), plain()] : [bundle()];
    case "bypassed":
      // Some of the channel's orders buy a bundle: it takes its components instead of itself.
      return below(6) === 0 ? [bundle()] : below(3) === 0 ? [plain(), plain()] : [plain()];
  }
}

function planLater(below: (limit: number) => number): LaterAct[] {
  const restockTypes: RestockType[] = ["no_restock", "cancel", "return"];
  const edit: LaterAct = { act: "edit", quantity: 3 };
  const refund: LaterAct = { act: "refund", units: 1, restockType: restockTypes[below(restockTypes.length)] ?? "return" };
  const cancel: LaterAct = { act: "cancel", restock: true };
  const draw = below(100);
  if (draw < 12) return [edit];
  if (draw < 18) return [cancel];
  if (draw < 20) return [{ act: "cancel", restock: false }];
  if (draw < 26) return [refund];
  if (draw < 30) return [refund, cancel];
  if (draw < 33) return [edit, cancel];
  if (draw < 35) return [edit, refund];
  return [];
}
