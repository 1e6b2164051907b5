// Rows of reservations that may never be: each with the constraint that refuses it. constraints.test.ts tries each of them.

type Impossible = readonly [state: string, sql: string, constraint: string, kind: "check" | "trigger" | "index", table: string];

const HOLD = "00000000-0000-4000-8000-0000000000e1";
type Row = Readonly<Record<string, string>>;

function insert(table: string, row: Row): string {
  return `INSERT INTO ${table} (${Object.keys(row).join(", ")}) VALUES (${Object.values(row).join(", ")})`;
}

const ACTIVE: Row = { id: `'${HOLD}'`, install_id: "1", shop: "'a.myshopify.com'", idempotency_key: "'k'", body_hash: "'h'", expires_at: "now()", trace_id: "'t'" };
const ENDED: Row = { ...ACTIVE, finished_at: "now()" };
const COMMITTED: Row = { ...ENDED, state: "'committed'", settlement: "'order'", settle_at: "now()" };
const hold = (row: Row = {}, base = ACTIVE): string => insert("reservations", { ...base, ...row });
const LINE = insert("reservation_lines", { reservation_id: `'${HOLD}'`, position: "0", install_id: "1", inventory_item_id: "'10'", location_id: "'20'", quantity: "2", counts: "true" });
const order = (row: Row): string => insert("reservation_orders", { reservation_id: `'${HOLD}'`, install_id: "1", body_hash: "'h'", give_up_at: "now()", ...row });

const check = (state: string, constraint: string, sql: string, table = "reservations"): Impossible => [state, sql, `${table}_${constraint}`, "check", table];
const trigger = (state: string, constraint: string, sql: string, table = "reservations"): Impossible => [state, sql, `${table}_${constraint}`, "trigger", table];

export const IMPOSSIBLE_RESERVATIONS: readonly Impossible[] = [
  ["one key of a client for two holds", `${hold()}; ${hold({ id: "gen_random_uuid()" })}`, "reservations_install_id_idempotency_key_key", "index", "reservations"],
  check("a hold in a state that does not exist", "state", hold({ state: "'lost'" }, ENDED)),
  check("an ended hold without the time of its end", "finished", hold({ state: "'released'" })),
  check("a refund for a hold that was committed", "refund", hold({ refund_required: "true" }, COMMITTED)),
  check("an order of a hold that nobody committed", "order", hold({ order_id: "'7'" })),
  check("a commit that waits for nothing known", "settlement", hold({ settlement: "'luck'", settle_at: "NULL" }, COMMITTED)),
  check("a settlement that nobody comes back to", "settle_at", hold({ settle_at: "NULL" }, COMMITTED)),
  trigger("a released hold that is committed", "transition", `${hold({ state: "'released'" }, ENDED)}; UPDATE reservations SET state = 'committed', settlement = 'order', settle_at = now()`),
  trigger("a committed hold that expires", "transition", `${hold({}, COMMITTED)}; UPDATE reservations SET state = 'expired', settlement = NULL, settle_at = NULL`),
  trigger("an expired hold that is active again", "transition", `${hold({ state: "'expired'" }, ENDED)}; UPDATE reservations SET state = 'active', finished_at = NULL`),
  trigger("a commit after its refund was demanded", "refund_final", `${hold({ state: "'expired'", refund_required: "true" }, ENDED)}; UPDATE reservations SET state = 'committed', refund_required = false, settlement = 'order', settle_at = now()`),
  trigger("a refund that is taken back", "refund_final", `${hold({ state: "'released'", refund_required: "true" }, ENDED)}; UPDATE reservations SET refund_required = false`),
  trigger("a hold for somebody else than asked", "content_frozen", `${hold()}; UPDATE reservations SET reference = 'other'`),
  trigger("a hold that moves to another order", "content_frozen", `${hold({ order_id: "'7'" }, COMMITTED)}; UPDATE reservations SET order_id = '8'`),
  trigger("a hold of other units than were granted", "frozen", `${hold()}; ${LINE}; UPDATE reservation_lines SET quantity = 1`, "reservation_lines"),
  check("a line that holds nothing", "quantity", `${hold()}; ${LINE.replace(" 2, true", " 0, true")}`, "reservation_lines"),
  check("a block that promised fewer units than none", "counts", insert("stock_blocks", { install_id: "1", inventory_item_id: "'10'", location_id: "'20'", granted: "-1" }), "stock_blocks"),
  check("an order being made in a state that does not exist", "state", `${hold()}; ${order({ state: "'lost'" })}`, "reservation_orders"),
  check("an order that was made and has no id", "created", `${hold()}; ${order({ state: "'created'" })}`, "reservation_orders"),
  check("an order made for no hold", "reservation", order({}), "reservation_orders"),
];
