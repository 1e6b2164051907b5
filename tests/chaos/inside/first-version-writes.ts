// What the first version of Holdfast writes, with values in place of parameters: an older version that runs during a deploy writes like this.

const SHOP = "first.myshopify.com";
const MUTATION = "00000000-0000-4000-8000-0000000000f1";
const KEY = "00000000-0000-4000-8000-0000000000f2";

const INSTALLED = [
  `INSERT INTO installs (id, shop, epoch, app_installation_gid, scopes, timezone, shop_name) SELECT 9001, '${SHOP}', coalesce(max(epoch), 0) + 1, 'gid', 'read_orders', 'UTC', 'Shop' FROM installs WHERE shop = '${SHOP}'`,
  `INSERT INTO settings_versions (install_id, version, document, created_by) VALUES (9001, 1, '{"mode": "enforce"}'::jsonb, 'holdfast') ON CONFLICT (install_id, version) DO NOTHING`,
  `INSERT INTO audit_entries (install_id, shop, kind, actor, detail) VALUES (9001, '${SHOP}', 'install_started', 'shopify', jsonb_build_object('epoch', 1))`,
];
const RECEIVED = [
  ...INSTALLED,
  `INSERT INTO deliveries (id, install_id, shop, webhook_id, event_id, topic, api_version, triggered_at, order_id, payload, state, reason, trace_id, processed_at)
   VALUES (9001, 9001, '${SHOP}', 'w', 'e', 'orders/create', '2026-10', now(), '7', '{"kind": "edited"}'::jsonb, 'pending', NULL, 't', NULL) ON CONFLICT (shop, webhook_id) DO NOTHING`,
  `INSERT INTO delivery_duplicates (install_id, shop, webhook_id, topic) VALUES (9001, '${SHOP}', 'w', 'orders/create')`,
];
const ABSORBED = [
  ...RECEIVED,
  `INSERT INTO orders (id, install_id, shop, order_id, snapshot, state) VALUES (9001, 9001, '${SHOP}', '7', '{}'::jsonb, 'settled') ON CONFLICT (install_id, order_id) DO NOTHING`,
  `UPDATE orders SET snapshot = '{}', state = 'due', state_reason = NULL, due_at = now(), name = '#7', webhook_id = 'w', trace_id = 't', accepted_at = now() WHERE id = 9001`,
  `UPDATE deliveries SET state = 'processed', processed_at = now() WHERE id = ANY(ARRAY[9001])`,
];
const DERIVED = [
  ...ABSORBED,
  `INSERT INTO changes (id, install_id, shop, effect_key, cause, order_id, order_name, line_id, variant_id, sku, title, inventory_item_id, location_id, delta, source_key, state, reason, settings_version, webhook_id, trace_id, accepted_at)
   VALUES (9001, 9001, '${SHOP}', 'order/7/1', 'order', '7', '#7', '1', '11', 'SKU', 'Kettle', '21', '31', -1, 'name:my-channel', 'waiting', NULL, 1, 'w', 't', now()) ON CONFLICT (shop, effect_key) DO NOTHING`,
  `UPDATE orders SET pins = '{}'::jsonb, mode = 'enforce', mode_reason = NULL, settings_version = 1, state = 'settled', state_reason = NULL, derived_at = now() WHERE id = 9001`,
  `INSERT INTO order_sources (install_id, source_key, order_count) VALUES (9001, 'name:my-channel', 1) ON CONFLICT (install_id, source_key) DO UPDATE SET order_count = order_sources.order_count + excluded.order_count`,
];
const ISSUE_TOKEN = `INSERT INTO fencing_tokens (install_id, inventory_item_id, location_id, token) VALUES (9001, '21', '31', 1)
  ON CONFLICT (install_id, inventory_item_id, location_id) DO UPDATE SET token = fencing_tokens.token + 1`;
const CLAIMED = [
  ...DERIVED,
  ISSUE_TOKEN,
  `INSERT INTO mutations (id, install_id, shop, key, state, trace_id, owner_id, first_sent_at, resend_at) VALUES ('${MUTATION}', 9001, '${SHOP}', '${KEY}', 'open', 't', 'o', now(), now() + interval '25 seconds')`,
  `INSERT INTO mutation_entries (mutation_id, position, install_id, inventory_item_id, location_id, delta, token) SELECT '${MUTATION}', 0, 9001, '21', '31', -1, token FROM fencing_tokens WHERE install_id = 9001`,
  `INSERT INTO attempts (mutation_id, number, install_id) VALUES ('${MUTATION}', 1, 9001)`,
  `UPDATE changes SET state = 'claimed', reason = NULL, mutation_id = '${MUTATION}' WHERE id = 9001`,
];
const TAKEN_OVER = [
  ...CLAIMED,
  ISSUE_TOKEN,
  `UPDATE mutation_entries SET token = t.token FROM fencing_tokens t WHERE mutation_entries.mutation_id = '${MUTATION}' AND t.install_id = 9001`,
  `INSERT INTO attempts (mutation_id, number, install_id) SELECT '${MUTATION}', max(number) + 1, 9001 FROM attempts WHERE mutation_id = '${MUTATION}'`,
  `UPDATE mutations SET owner_id = 'p', resend_at = now() WHERE id = '${MUTATION}'`,
];
const finish = (outcome: string) => `UPDATE attempts SET finished_at = now(), outcome = '${outcome}', detail = 'null'::jsonb WHERE mutation_id = '${MUTATION}' AND number = 1`;
const APPLIED = [
  `UPDATE mutations SET state = 'applied', reason = NULL, finished_at = now(), adjustment_group_id = 'g' WHERE id = '${MUTATION}'`,
  `UPDATE mutation_entries SET open = false, after = 9, before = 10 WHERE mutation_id = '${MUTATION}'`,
  `UPDATE changes SET state = 'applied', reason = NULL, outcome_unknown = false, finished_at = now(), before = 10, after = 9 WHERE mutation_id = '${MUTATION}'`,
  `INSERT INTO audit_entries (install_id, shop, kind, actor, change_id, mutation_id, delta, before, after, adjustment_group_id) VALUES (9001, '${SHOP}', 'change_applied', 'holdfast', 9001, '${MUTATION}', -1, 10, 9, 'g')`,
  `INSERT INTO stock_levels (install_id, inventory_item_id, location_id, available, observed_at, source) VALUES (9001, '21', '31', 9, now(), 'own_answer')`,
];
const GIVEN_UP = [
  `UPDATE mutations SET state = 'parked', reason = 'outcome_unknown', finished_at = now() WHERE id = '${MUTATION}'`,
  `UPDATE mutation_entries SET open = false WHERE mutation_id = '${MUTATION}'`,
  `UPDATE changes SET state = 'parked', reason = 'outcome_unknown', outcome_unknown = true WHERE mutation_id = '${MUTATION}' AND state = 'claimed'`,
];

export const FIRST_VERSION_WRITES: readonly (readonly [what: string, statements: readonly string[]])[] = [
  ["receives and absorbs", ABSORBED],
  ["sets a delivery aside", [...RECEIVED, `UPDATE deliveries SET state = 'rejected', reason = 'unabsorbable:22P02', processed_at = now() WHERE id = 9001`]],
  ["derives", DERIVED],
  ["withdraws what was overtaken", [...DERIVED, `UPDATE changes SET state = 'cancelled', reason = 'overtaken', finished_at = now() WHERE id = 9001`]],
  ["settles what nets to nothing", [...DERIVED, `UPDATE changes SET state = 'applied', reason = 'netted', finished_at = now() WHERE id = 9001`]],
  ["blocks and unblocks an order", [...ABSORBED, `UPDATE orders SET state = 'blocked' WHERE id = 9001`, `UPDATE orders SET state = 'due', state_reason = NULL, due_at = now() WHERE id = 9001`]],
  ["claims, sends and books", [...CLAIMED, finish("applied"), ...APPLIED]],
  ["takes over and books", [...TAKEN_OVER, finish("unknown"), ...APPLIED]],
  ["postpones", [...CLAIMED, finish("throttled"), `UPDATE mutations SET resend_at = now() + interval '1 second' WHERE id = '${MUTATION}'`]],
  [
    "retires a key",
    [
      ...CLAIMED,
      finish("rejected"),
      `UPDATE mutations SET state = 'refused', reason = 'split', finished_at = now() WHERE id = '${MUTATION}'`,
      `UPDATE mutation_entries SET open = false WHERE mutation_id = '${MUTATION}'`,
      `UPDATE changes SET state = 'waiting', mutation_id = NULL, split_depth = split_depth + 1 WHERE mutation_id = '${MUTATION}' AND state = 'claimed'`,
    ],
  ],
  [
    "parks an entry that was refused",
    [
      ...CLAIMED,
      finish("rejected"),
      `UPDATE changes SET state = 'parked', reason = 'refused:X' WHERE mutation_id = '${MUTATION}' AND state = 'claimed'`,
      `UPDATE mutations SET state = 'refused', reason = 'entries_refused', finished_at = now() WHERE id = '${MUTATION}'`,
      `UPDATE mutation_entries SET open = false WHERE mutation_id = '${MUTATION}'`,
    ],
  ],
  ["parks what nobody knows", [...CLAIMED, finish("unknown"), ...GIVEN_UP]],
  ["books what it had given up when the proof comes late", [...CLAIMED, finish("unknown"), ...GIVEN_UP, ...APPLIED]],
  ["pauses and resumes a source", [...DERIVED, `UPDATE changes SET state = 'parked', reason = 'source_paused' WHERE id = 9001`, `UPDATE changes SET state = 'waiting', reason = NULL WHERE id = 9001`]],
  ["ends a life", [...CLAIMED, `UPDATE installs SET state = 'ended', ended_at = now(), end_reason = 'uninstalled' WHERE id = 9001 AND state = 'active'`]],
  [
    "deletes what an ended life left",
    [
      ...CLAIMED,
      `UPDATE installs SET state = 'ended', ended_at = now() WHERE id = 9001`,
      ...["audit_entries", "changes", "mutations", "orders", "deliveries", "delivery_duplicates", "fencing_tokens", "order_sources", "settings_versions"].map((table) => `DELETE FROM ${table} WHERE install_id = 9001`),
      `DELETE FROM installs WHERE id = 9001`,
    ],
  ],
];
