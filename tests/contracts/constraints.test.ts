// Goal: PostgreSQL itself refuses what may never be, whatever the code does. Method: one table of impossible states, each with the
// constraint that refuses it by name and the proof that without this constraint it would go through; then every transition of every
// state machine by brute force, the legal ones accepted and all others refused.
import { Client } from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { createTestDatabase, type TestDatabase } from "#tests/setup/test-database.ts";
import { IMPOSSIBLE_PUSHES } from "./impossible-external.ts";
import { IMPOSSIBLE_RESERVATIONS } from "./impossible-reservations.ts";
import { IMPOSSIBLE_ROWS } from "./impossible-rows.ts";

let database: TestDatabase;
let client: Client;

beforeAll(async () => {
  database = await createTestDatabase();
  client = new Client({ connectionString: database.url });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await database.drop();
});
beforeEach(async () => {
  await client.query("BEGIN");
  await client.query(WORLD);
});
afterEach(() => client.query("ROLLBACK"));

const MUTATION = "00000000-0000-4000-8000-00000000000a";
const PARKED = "00000000-0000-4000-8000-00000000000c";
const CLOSED = "00000000-0000-4000-8000-00000000000b";

/** One active install with one row of each kind; install 2 has ended. */
const WORLD = `
SELECT setval(pg_get_serial_sequence(t, 'id'), 1000) FROM unnest(ARRAY['installs', 'changes', 'orders', 'deliveries', 'delivery_duplicates', 'compliance_requests', 'audit_entries', 'alert_messages']) AS t;
INSERT INTO installs (id, shop, epoch) VALUES (1, 'a.myshopify.com', 1);
INSERT INTO installs (id, shop, epoch, state, ended_at) VALUES (2, 'b.myshopify.com', 1, 'ended', now());
INSERT INTO settings_versions (install_id, version, document, created_by) VALUES (1, 1, '{}', 't');
INSERT INTO mutations (id, install_id, shop, key, state, trace_id, owner_id) VALUES
  ('${MUTATION}', 1, 'a.myshopify.com', gen_random_uuid(), 'open', 't', 'o'), ('${CLOSED}', 1, 'a.myshopify.com', gen_random_uuid(), 'applied', 't', 'o'),
  ('${PARKED}', 1, 'a.myshopify.com', gen_random_uuid(), 'parked', 't', 'o');
INSERT INTO mutation_entries (mutation_id, position, install_id, inventory_item_id, location_id, delta, token, open, before, after) VALUES
  ('${MUTATION}', 0, 1, '10', '20', -1, 5, true, NULL, NULL), ('${CLOSED}', 0, 1, '10', '21', -1, 4, false, 8, 7);
INSERT INTO attempts (mutation_id, number, install_id, finished_at, outcome) VALUES
  ('${MUTATION}', 1, 1, NULL, NULL), ('${CLOSED}', 1, 1, now() - interval '1 hour', 'applied');
INSERT INTO fencing_tokens (install_id, inventory_item_id, location_id, token) VALUES (1, '10', '20', 5);
INSERT INTO changes (id, install_id, shop, effect_key, cause, order_id, inventory_item_id, location_id, delta, state, mutation_id, trace_id, outcome_unknown, finished_at) VALUES
  (1, 1, 'a.myshopify.com', 'e1', 'order', '7', '10', '20', -1, 'waiting', NULL, 't', false, NULL),
  (2, 1, 'a.myshopify.com', 'e2', 'order', '7', '10', '20', -1, 'claimed', '${MUTATION}', 't', false, NULL),
  (3, 1, 'a.myshopify.com', 'e3', 'order', '7', '10', '20', -1, 'applied', '${CLOSED}', 't', false, now() - interval '1 hour'),
  (4, 1, 'a.myshopify.com', 'e4', 'order', '7', '10', '20', -1, 'parked', '${PARKED}', 't', true, NULL);
INSERT INTO orders (id, install_id, shop, order_id, snapshot, mode) VALUES (1, 1, 'a.myshopify.com', '7', '{}', 'enforce');
INSERT INTO deliveries (id, install_id, shop, webhook_id, topic, trace_id, payload) VALUES (1, 1, 'a.myshopify.com', 'w', 'orders/create', 't', '{"kind": "edited"}');
INSERT INTO delivery_duplicates (id, install_id, shop, webhook_id, topic) VALUES (1, 1, 'a.myshopify.com', 'w', 'orders/create');
INSERT INTO compliance_requests (id, shop, topic, webhook_id, completed_at, outcome) VALUES (1, 'a.myshopify.com', 'shop/redact', 'c', now(), 'deleted');
INSERT INTO audit_entries (id, install_id, shop, kind, actor) VALUES (1, 1, 'a.myshopify.com', 'change_applied', 'holdfast');
INSERT INTO alert_messages (id, install_id, shop, event_id, channel, channel_kind, target, kind, subject, stage, state, ended_at) VALUES (2, 1, 'a.myshopify.com', 2, 'c', 'webhook', 't', 'drift', '1', 'closed', 'sent', now());
INSERT INTO alert_messages (id, install_id, shop, event_id, channel, channel_kind, target, kind, subject, stage, content) VALUES (1, 1, 'a.myshopify.com', 1, 'c', 'webhook', 't', 'drift', '1', 'opened', '{}');
`;

/** A comparison with Shopify that begins. */
const SCAN = `INSERT INTO stock_scans (install_id, shop, kind, reason, requested_by, state) VALUES (1, 'a.myshopify.com', 'stock', 'asked', 't', 'starting')`;

/** A bundle's own number, to be set from 5. */
const BUNDLE = `INSERT INTO changes (install_id, shop, effect_key, cause, quantity_name, decided_from, inventory_item_id, location_id, delta, state, trace_id)
  VALUES (1, 'a.myshopify.com', gen_random_uuid()::text, 'bundle_stock', 'bundle', 5, '10', '20', -1, 'waiting', 't')`;

/** How to take one constraint away, to show that nothing else refuses the same. */
const without = {
  trigger: (table: string, name: string) => `ALTER TABLE ${table} DISABLE TRIGGER "${name}"`,
  check: (table: string, name: string) => `ALTER TABLE ${table} DROP CONSTRAINT "${name}"`,
  index: (_table: string, name: string) => `DROP INDEX "${name}"`,
};
type Kind = keyof typeof without;

/** What may never be, the constraint that refuses it, and where that stands. */
const IMPOSSIBLE: readonly (readonly [state: string, sql: string, constraint: string, kind: Kind, table: string])[] = [
  ["two active lives of the app in one shop", `INSERT INTO installs (shop, epoch) VALUES ('a.myshopify.com', 2)`, "installs_one_active_per_shop", "index", "installs"],
  ["a life of the app begun twice", `INSERT INTO installs (shop, epoch, state, ended_at) VALUES ('a.myshopify.com', 1, 'ended', now())`, "installs_shop_epoch_key", "index", "installs"],
  ["an ended install without the time of its end", `INSERT INTO installs (shop, epoch, state) VALUES ('c.myshopify.com', 1, 'ended')`, "installs_ended", "check", "installs"],
  ["an install in a state that does not exist", `INSERT INTO installs (shop, epoch, state) VALUES ('c.myshopify.com', 1, 'dormant')`, "installs_state", "check", "installs"],
  ["an ended life that comes back", `UPDATE installs SET state = 'active', ended_at = NULL WHERE id = 2`, "installs_transition", "trigger", "installs"],
  ["a life with another epoch", `UPDATE installs SET epoch = 9 WHERE id = 1`, "installs_transition", "trigger", "installs"],
  ["a life that ended at another time", `UPDATE installs SET ended_at = now() + interval '1 day' WHERE id = 2`, "installs_transition", "trigger", "installs"],
  ["an active install that vanishes", `DELETE FROM installs WHERE id = 1`, "installs_kept", "trigger", "installs"],
  ["a rewritten version of the settings", `UPDATE settings_versions SET document = '{"mode": "enforce"}' WHERE install_id = 1`, "settings_versions_append_only", "trigger", "settings_versions"],
  ["an active install without settings", `DELETE FROM settings_versions WHERE install_id = 1`, "settings_versions_kept", "trigger", "settings_versions"],
  ["one webhook stored twice", `INSERT INTO deliveries (install_id, shop, webhook_id, topic, trace_id) VALUES (1, 'a.myshopify.com', 'w', 'orders/paid', 't')`, "deliveries_shop_webhook_id_key", "index", "deliveries"],
  ["a delivery in a state that does not exist", `INSERT INTO deliveries (install_id, shop, webhook_id, topic, trace_id, state) VALUES (1, 'a.myshopify.com', 'w2', 'orders/paid', 't', 'lost')`, "deliveries_state", "check", "deliveries"],
  ["a processed delivery that turns out rejected", `UPDATE deliveries SET state = 'processed' WHERE id = 1; UPDATE deliveries SET state = 'rejected' WHERE id = 1`, "deliveries_transition", "trigger", "deliveries"],
  ["a delivery that says something else than was received", `UPDATE deliveries SET payload = '{"kind": "routed"}' WHERE id = 1`, "deliveries_content_frozen", "trigger", "deliveries"],
  ["a delivery of another shop", `UPDATE deliveries SET shop = 'b.myshopify.com' WHERE id = 1`, "deliveries_content_frozen", "trigger", "deliveries"],
  ["a duplicate that is rewritten", `UPDATE delivery_duplicates SET webhook_id = 'x' WHERE id = 1`, "delivery_duplicates_append_only", "trigger", "delivery_duplicates"],
  ["an order known twice", `INSERT INTO orders (install_id, shop, order_id, snapshot) VALUES (1, 'a.myshopify.com', '7', '{}')`, "orders_install_id_order_id_key", "index", "orders"],
  ["a blocked order that is settled unseen", `UPDATE orders SET state = 'blocked' WHERE id = 1; UPDATE orders SET state = 'settled' WHERE id = 1`, "orders_transition", "trigger", "orders"],
  ["an order whose mode changes after it was pinned", `UPDATE orders SET mode = 'shadow' WHERE id = 1`, "orders_pinned", "trigger", "orders"],
  ["an order that becomes another", `UPDATE orders SET order_id = '8' WHERE id = 1`, "orders_pinned", "trigger", "orders"],
  ["an order in a mode that does not exist", `INSERT INTO orders (install_id, shop, order_id, snapshot, mode) VALUES (1, 'a.myshopify.com', '9', '{}', 'maybe')`, "orders_mode", "check", "orders"],
  ["two comparisons of one shop at once", `${SCAN}; ${SCAN}`, "stock_scans_one_under_way", "index", "stock_scans"],
  ["two decisions about one bundle's own number", `${BUNDLE}; ${BUNDLE}`, "changes_one_bundle_decision", "index", "changes"],
  ["a bundle's own number decided from nothing", BUNDLE.replace(" 5,", " NULL,"), "changes_decided_from", "check", "changes"],
  ["a bundle's own number that was decided from another", `${BUNDLE}; UPDATE changes SET decided_from = 6 WHERE quantity_name = 'bundle'`, "changes_decision_frozen", "trigger", "changes"],
  ["a comparison of something that is not compared", SCAN.replace("'stock'", "'prices'"), "stock_scans_kind", "check", "stock_scans"],
  ["a comparison for no known reason", SCAN.replace("'asked'", "'fun'"), "stock_scans_reason", "check", "stock_scans"],
  ["a comparison in a state that does not exist", SCAN.replace("'starting'", "'lost'"), "stock_scans_state", "check", "stock_scans"],
  ["a comparison that is over and has no end", SCAN.replace("'starting'", "'done'"), "stock_scans_finished", "check", "stock_scans"],
  ["a comparison that waits for no operation", SCAN.replace("'starting'", "'running'"), "stock_scans_operation", "check", "stock_scans"],
  ["a comparison that reads no file", SCAN.replace("'starting'", "'reading'"), "stock_scans_file", "check", "stock_scans"],
  ["one effect of an order existing twice", `INSERT INTO changes (install_id, shop, effect_key, cause, inventory_item_id, location_id, delta, state, trace_id) VALUES (1, 'a.myshopify.com', 'e1', 'order', '10', '20', -1, 'waiting', 't')`, "changes_shop_effect_key_key", "index", "changes"],
  ["a change that is applied and then waits", `UPDATE changes SET state = 'waiting', mutation_id = NULL WHERE id = 3`, "changes_transition", "trigger", "changes"],
  ["a change of another quantity than was derived", `UPDATE changes SET delta = -2 WHERE id = 1`, "changes_content_frozen", "trigger", "changes"],
  ["a change of another stock than was derived", `UPDATE changes SET location_id = '21' WHERE id = 2`, "changes_content_frozen", "trigger", "changes"],
  ["a change that is claimed by nobody", `UPDATE changes SET state = 'claimed' WHERE id = 1`, "changes_claimed_by", "check", "changes"],
  ["a waiting change that a call already carries", `UPDATE changes SET state = 'waiting' WHERE id = 2`, "changes_waiting_free", "check", "changes"],
  ["a claimed change that moves to another call", `UPDATE changes SET mutation_id = '${CLOSED}' WHERE id = 2`, "changes_mutation_kept", "trigger", "changes"],
  ["an applied change that forgets its call", `UPDATE changes SET mutation_id = NULL WHERE id = 3`, "changes_mutation_kept", "trigger", "changes"],
  ["an applied change whose before and after are rewritten", `UPDATE changes SET before = 1, after = 0 WHERE id = 3`, "changes_applied_final", "trigger", "changes"],
  ["a change of unknown outcome that is overtaken", `UPDATE changes SET state = 'cancelled', outcome_unknown = false WHERE id = 4`, "changes_unknown_outcome_settled", "trigger", "changes"],
  ["a change of unknown outcome that is discarded", `UPDATE changes SET state = 'rejected', outcome_unknown = false WHERE id = 4`, "changes_unknown_outcome_settled", "trigger", "changes"],
  ["a change of unknown outcome that waits again before its call is settled", `UPDATE changes SET state = 'waiting', outcome_unknown = false, mutation_id = NULL WHERE id = 4`, "changes_unknown_outcome_settled", "trigger", "changes"],
  ["an unknown outcome of a change that is not parked", `UPDATE changes SET outcome_unknown = true WHERE id = 2`, "changes_unknown_outcome", "check", "changes"],
  ["a placeholder that could be sent", `INSERT INTO changes (install_id, shop, effect_key, cause, delta, state, trace_id) VALUES (1, 'a.myshopify.com', 'e9', 'order', 0, 'waiting', 't')`, "changes_stock", "check", "changes"],
  ["a change in a state that does not exist", `INSERT INTO changes (install_id, shop, effect_key, cause, inventory_item_id, location_id, delta, state, trace_id) VALUES (1, 'a.myshopify.com', 'e9', 'order', '1', '2', -1, 'gone', 't')`, "changes_state", "check", "changes"],
  ["two calls under one key", `INSERT INTO mutations (id, install_id, shop, key, state, trace_id, owner_id) SELECT gen_random_uuid(), 1, 'a.myshopify.com', key, 'open', 't', 'o' FROM mutations LIMIT 1`, "mutations_key_key", "index", "mutations"],
  ["a call in a state that does not exist", `INSERT INTO mutations (id, install_id, shop, key, state, trace_id, owner_id) VALUES (gen_random_uuid(), 1, 'a.myshopify.com', gen_random_uuid(), 'sent', 't', 'o')`, "mutations_state", "check", "mutations"],
  ["an applied call that is opened again", `UPDATE mutations SET state = 'open' WHERE id = '${CLOSED}'`, "mutations_transition", "trigger", "mutations"],
  ["a parked call that nobody resolved", `UPDATE mutations SET state = 'refused' WHERE id = '${PARKED}'`, "mutations_parked_resolved", "trigger", "mutations"],
  ["a call with another key than it was sent under", `UPDATE mutations SET key = gen_random_uuid() WHERE id = '${MUTATION}'`, "mutations_content_frozen", "trigger", "mutations"],
  ["a closed call whose change still counts as under way", `UPDATE mutation_entries SET open = false WHERE mutation_id = '${MUTATION}'; UPDATE mutations SET state = 'applied' WHERE id = '${MUTATION}'; SET CONSTRAINTS ALL IMMEDIATE`, "mutations_closed_whole", "trigger", "mutations"],
  ["a closed call with an open entry", `UPDATE changes SET state = 'applied' WHERE id = 2; UPDATE mutations SET state = 'applied' WHERE id = '${MUTATION}'; SET CONSTRAINTS ALL IMMEDIATE`, "mutations_closed_whole", "trigger", "mutations"],
  ["two open calls for one item at one location", `INSERT INTO mutation_entries (mutation_id, position, install_id, inventory_item_id, location_id, delta, token) VALUES ('${CLOSED}', 1, 1, '10', '20', -1, 6)`, "mutation_entries_one_open_per_stock", "index", "mutation_entries"],
  ["a call that becomes another kind of call", `UPDATE mutations SET operation = 'move' WHERE id = '${MUTATION}'`, "mutations_operation_frozen", "trigger", "mutations"],
  ["a call of a kind that there is not", `INSERT INTO mutations (id, install_id, shop, key, state, operation, trace_id, owner_id) VALUES (gen_random_uuid(), 1, 'a.myshopify.com', gen_random_uuid(), 'parked', 'set', 't', 'o')`, "mutations_operation", "check", "mutations"],
  ["an entry that expects another number than was sent", `UPDATE mutation_entries SET change_from = 5 WHERE mutation_id = '${MUTATION}'`, "mutation_entries_expectation_frozen", "trigger", "mutation_entries"],
  ["an attempt of another kind than its call", `INSERT INTO attempts (mutation_id, number, install_id, operation) VALUES ('${MUTATION}', 2, 1, 'move')`, "attempts_of_the_operation", "trigger", "attempts"],
  ["a call with other content than was frozen", `UPDATE mutation_entries SET delta = -2 WHERE mutation_id = '${MUTATION}'`, "mutation_entries_content_frozen", "trigger", "mutation_entries"],
  ["an entry whose before and after are rewritten", `UPDATE mutation_entries SET after = 3, before = 4 WHERE mutation_id = '${CLOSED}'`, "mutation_entries_content_frozen", "trigger", "mutation_entries"],
  ["a closed entry that is opened again", `UPDATE mutation_entries SET open = true WHERE mutation_id = '${CLOSED}'`, "mutation_entries_closed", "trigger", "mutation_entries"],
  ["an entry under an older token", `UPDATE mutation_entries SET token = 4 WHERE mutation_id = '${MUTATION}'`, "mutation_entries_token_grows", "trigger", "mutation_entries"],
  ["an entry of no call", `INSERT INTO mutation_entries (mutation_id, position, install_id, inventory_item_id, location_id, delta, token) VALUES (gen_random_uuid(), 0, 1, '11', '20', -1, 1)`, "mutation_entries_mutation", "check", "mutation_entries"],
  ["an attempt of no call", `INSERT INTO attempts (mutation_id, number, install_id) VALUES (gen_random_uuid(), 1, 1)`, "attempts_mutation", "check", "attempts"],
  ["a finished attempt with another outcome", `UPDATE attempts SET outcome = 'rejected' WHERE mutation_id = '${CLOSED}'`, "attempts_fact", "trigger", "attempts"],
  ["a finished attempt that is under way again", `UPDATE attempts SET outcome = NULL, finished_at = NULL WHERE mutation_id = '${CLOSED}'`, "attempts_fact", "trigger", "attempts"],
  ["an attempt with an outcome and no time of it", `UPDATE attempts SET outcome = 'applied' WHERE mutation_id = '${MUTATION}'`, "attempts_finished", "check", "attempts"],
  ["a token that is issued a second time", `UPDATE fencing_tokens SET token = 5`, "fencing_tokens_grow", "trigger", "fencing_tokens"],
  ["a token that falls", `UPDATE fencing_tokens SET token = 4`, "fencing_tokens_grow", "trigger", "fencing_tokens"],
  ["a token of a living install that begins anew", `DELETE FROM fencing_tokens`, "fencing_tokens_kept", "trigger", "fencing_tokens"],
  ["a token below 1", `INSERT INTO fencing_tokens (install_id, inventory_item_id, location_id, token) VALUES (1, '11', '20', 0)`, "fencing_tokens_positive", "check", "fencing_tokens"],
  ["an act of a person without a reason", `INSERT INTO audit_entries (install_id, shop, kind, actor, change_id) VALUES (1, 'a.myshopify.com', 'change_discarded', 'person', 1)`, "audit_entries_act_has_note", "check", "audit_entries"],
  ["a rewritten past", `UPDATE audit_entries SET actor = 'nobody' WHERE id = 1`, "audit_entries_append_only", "trigger", "audit_entries"],
  ["a look for missed orders that goes on without having begun", `INSERT INTO order_scans (install_id, watermark, pass_cursor) VALUES (1, now(), 'c')`, "order_scans_pass", "check", "order_scans"],
  ["a completed privacy request that is open again", `UPDATE compliance_requests SET completed_at = NULL WHERE id = 1`, "compliance_requests_final", "trigger", "compliance_requests"],
  ...IMPOSSIBLE_ROWS,
  ...IMPOSSIBLE_PUSHES,
  ...IMPOSSIBLE_RESERVATIONS,
  ["an alert told twice over one channel", `INSERT INTO alert_messages (install_id, shop, event_id, channel, channel_kind, target, kind, subject, stage) VALUES (1, 'a.myshopify.com', 1, 'c', 'webhook', 't', 'drift', '1', 'opened')`, "alert_messages_one_per_event_and_channel", "check", "alert_messages"],
  ["two alert messages under one key", `INSERT INTO alert_messages (install_id, shop, event_id, channel, channel_kind, target, kind, subject, stage, message_key) SELECT 1, 'a.myshopify.com', 3, 'c', 'webhook', 't', 'drift', '1', 'opened', message_key FROM alert_messages WHERE id = 1`, "alert_messages_key", "check", "alert_messages"],
  ["an alert message that says something else at its repeat", `UPDATE alert_messages SET content = '{"kind": "drift"}' WHERE id = 1`, "alert_messages_frozen", "trigger", "alert_messages"],
  ["a delivered alert message that waits again", `UPDATE alert_messages SET state = 'waiting', ended_at = NULL WHERE id = 2`, "alert_messages_transition", "trigger", "alert_messages"],
  ["an alert over a channel that does not exist", `INSERT INTO alert_messages (install_id, shop, event_id, channel, channel_kind, target, kind, subject, stage) VALUES (1, 'a.myshopify.com', 3, 'c', 'pigeon', 't', 'drift', '1', 'opened')`, "alert_messages_channel_kind", "check", "alert_messages"],
  ["an alert message in a state that does not exist", `UPDATE alert_messages SET state = 'lost', ended_at = now() WHERE id = 1`, "alert_messages_state", "check", "alert_messages"],
  ["an ended alert message without the time of its end", `UPDATE alert_messages SET state = 'failed' WHERE id = 1`, "alert_messages_ended", "check", "alert_messages"],
  ["an alert message merged into none", `UPDATE alert_messages SET state = 'merged', ended_at = now() WHERE id = 1`, "alert_messages_merged", "check", "alert_messages"],
  ["an alert message sent before it was fixed what it says", `UPDATE alert_messages SET attempt_count = 1 WHERE id = 2`, "alert_messages_sent_has_content", "check", "alert_messages"],
  ["a lane of alerts held without an end", `INSERT INTO alert_lanes (install_id, channel, kind, lease_id) VALUES (1, 'c', 'drift', gen_random_uuid())`, "alert_lanes_lease", "check", "alert_lanes"],
  ["a count of a signal that nobody counts", `INSERT INTO signal_minutes (install_id, kind, minute, count) VALUES (1, 'moods', now(), 1)`, "signal_minutes_kind", "check", "signal_minutes"],
];

/** The constraint that refused `sql`, or "accepted". The transaction goes on as if nothing had been tried. */
async function refusedBy(sql: string): Promise<string> {
  await client.query("SAVEPOINT attempt");
  try {
    await client.query(sql);
    await client.query("SET CONSTRAINTS ALL IMMEDIATE");
    return "accepted";
  } catch (error) {
    const { constraint, message } = error as { constraint?: string; message: string };
    // The audit trail's trigger is older than the others and names itself in its message only.
    return constraint ?? (message === "audit entries are append-only" ? "audit_entries_append_only" : message);
  } finally {
    await client.query("ROLLBACK TO SAVEPOINT attempt");
    await client.query("SET CONSTRAINTS ALL DEFERRED");
  }
}

describe("an impossible state", () => {
  it.each(IMPOSSIBLE)("%s is refused by its constraint, and by nothing else", async (_state, sql, constraint, kind, table) => {
    expect(await refusedBy(sql)).toBe(constraint);
    await client.query(without[kind](table, constraint));
    expect(await refusedBy(sql)).toBe("accepted");
  });

  it("is in the list for every constraint and trigger that the schema has", async () => {
    const known = new Set(IMPOSSIBLE.map(([, , constraint]) => constraint));
    const { rows } = await client.query<{ name: string }>(
      `SELECT tgname AS name FROM pg_trigger WHERE NOT tgisinternal
       UNION SELECT conname FROM pg_constraint WHERE contype IN ('c', 'f') AND connamespace = 'public'::regnamespace`,
    );
    // orders_state is shown by the transitions below: each state of each machine that is not in its list. The other triggers refuse
    // nothing: they queue what became applied (tests/integration/external.test.ts) and count moves into their blocks (tests/integration/moves.test.ts).
    const elsewhere = new Set(["orders_state", "changes_applied_queued", "changes_holds_asked", "changes_holds_ended"]);
    expect(rows.map(({ name }) => name).filter((name) => !known.has(name) && !elsewhere.has(name))).toEqual([]);
  });
});

interface Machine {
  readonly table: string;
  readonly states: readonly string[];
  /** `from → to` of app/pipeline/README.md; what stays as it is is no transition. */
  readonly legal: readonly string[];
  /** Makes the row `from`, in a world without triggers. */
  readonly place: (from: string) => string;
  /** Takes it to `to` with whatever else a legal way would write. */
  readonly move: (from: string, to: string) => string;
  /** Those that refuse the others: the machine's own first. */
  readonly constraints: readonly string[];
}

const setChange = (state: string) => {
  const mutation = state === "waiting" ? "NULL" : `'${CLOSED}'`;
  return `UPDATE changes SET state = '${state}', outcome_unknown = false, mutation_id = ${mutation}`;
};

const MACHINES: readonly Machine[] = [
  {
    table: "changes",
    states: ["shadow", "waiting", "claimed", "applied", "parked", "rejected", "cancelled"],
    legal: [
      "shadow → cancelled",
      "waiting → claimed", "waiting → applied", "waiting → cancelled", "waiting → parked",
      "claimed → applied", "claimed → waiting", "claimed → parked",
      // Retried or released, booked or resolved, discarded, overtaken.
      "parked → waiting", "parked → applied", "parked → rejected", "parked → cancelled",
    ],
    place: (from) => `${setChange(from)} WHERE id = 1`,
    // Only a claim gives a change its call, so the other ways keep what stands.
    move: (from, to) => (from === "waiting" && to !== "claimed" ? `UPDATE changes SET state = '${to}' WHERE id = 1` : `${setChange(to)} WHERE id = 1`),
    constraints: ["changes_transition"],
  },
  {
    table: "mutations",
    states: ["open", "applied", "refused", "parked"],
    legal: ["open → applied", "open → refused", "open → parked", "parked → applied", "parked → refused"],
    place: (from) => `UPDATE mutations SET state = '${from}' WHERE id = '${CLOSED}'`,
    // A person says so, where one must.
    move: (_from, to) => `UPDATE mutations SET state = '${to}', reason = CASE '${to}' WHEN 'applied' THEN 'resolved_applied' ELSE 'resolved_not_applied' END WHERE id = '${CLOSED}'`,
    constraints: ["mutations_transition", "mutations_parked_resolved"],
  },
  {
    table: "orders",
    states: ["due", "blocked", "settled"],
    legal: ["due → settled", "due → blocked", "blocked → due", "settled → due"],
    place: (from) => `UPDATE orders SET state = '${from}' WHERE id = 1`,
    move: (_from, to) => `UPDATE orders SET state = '${to}' WHERE id = 1`,
    constraints: ["orders_transition"],
  },
  {
    table: "deliveries",
    states: ["pending", "processed", "ignored", "rejected"],
    legal: ["pending → processed", "pending → ignored", "pending → rejected", "processed → pending", "ignored → pending", "rejected → pending"],
    place: (from) => `UPDATE deliveries SET state = '${from}' WHERE id = 1`,
    move: (_from, to) => `UPDATE deliveries SET state = '${to}' WHERE id = 1`,
    constraints: ["deliveries_transition"],
  },
  {
    table: "installs",
    states: ["active", "ended"],
    legal: ["active → ended"],
    place: (from) => `UPDATE installs SET state = '${from}', ended_at = CASE '${from}' WHEN 'ended' THEN now() END WHERE id = 2`,
    move: (_from, to) => `UPDATE installs SET state = '${to}', ended_at = CASE '${to}' WHEN 'ended' THEN now() END WHERE id = 2`,
    constraints: ["installs_transition"],
  },
];

const TRANSITIONS = MACHINES.flatMap((machine) => machine.states.flatMap((from) => machine.states.filter((to) => to !== from).map((to) => [machine.table, `${from} → ${to}`, machine, from, to] as const)));

describe("the states of", () => {
  it.each(TRANSITIONS)("%s: %s is possible exactly if it is legal", async (table, transition, machine, from, to) => {
    await client.query(`ALTER TABLE ${table} DISABLE TRIGGER USER; ${machine.place(from)}; ALTER TABLE ${table} ENABLE TRIGGER USER`);
    expect(machine.legal.includes(transition) ? ["accepted"] : machine.constraints).toContain(await refusedBy(machine.move(from, to)));
  });

  it.each(MACHINES)("$table are those of the list: another one is refused", async ({ table, move, states }) => {
    await client.query(`ALTER TABLE ${table} DISABLE TRIGGER USER`);
    expect(await refusedBy(move(states[0] ?? "", "elsewhere"))).toBe(`${table}_state`);
  });
});
