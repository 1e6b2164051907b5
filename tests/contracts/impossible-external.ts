// States that pushes to an external stock system may never be in, and what makes them impossible. constraints.test.ts tries each of them.

type Impossible = readonly [state: string, sql: string, constraint: string, kind: "check" | "trigger", table: string];

const LANE = `INSERT INTO external_lanes (install_id, inventory_item_id, last_sequence, done_sequence) VALUES (1, '10', 3, 1)`;
const push = (changeId: number, sequence: number, more = "", values = "") =>
  `INSERT INTO external_pushes (install_id, shop, change_id, inventory_item_id, sequence, content${more}) VALUES (1, 'a.myshopify.com', ${changeId}, '10', ${sequence}, '{}'${values})`;

export const IMPOSSIBLE_PUSHES: readonly Impossible[] = [
  ["a secret without the time it was made", `INSERT INTO external_systems (install_id, shop, secret_sealed) VALUES (1, 'a.myshopify.com', 'x')`, "external_systems_secret", "check", "external_systems"],
  ["fewer failures than none", `INSERT INTO external_systems (install_id, shop, failures_in_a_row) VALUES (1, 'a.myshopify.com', -1)`, "external_systems_failures", "check", "external_systems"],
  ["more pushes done than were numbered", `INSERT INTO external_lanes (install_id, inventory_item_id, last_sequence, done_sequence) VALUES (1, '10', 1, 2)`, "external_lanes_sequences", "check", "external_lanes"],
  ["an item that waits for a person and is due", `INSERT INTO external_lanes (install_id, inventory_item_id, blocked, due_at) VALUES (1, '10', true, now())`, "external_lanes_blocked_waits", "check", "external_lanes"],
  ["a push that overtakes another", `${LANE}; UPDATE external_lanes SET done_sequence = 3`, "external_lanes_in_order", "trigger", "external_lanes"],
  ["a push that is undone", `${LANE}; UPDATE external_lanes SET done_sequence = 0`, "external_lanes_in_order", "trigger", "external_lanes"],
  ["a number that could be given out again", `${LANE}; UPDATE external_lanes SET last_sequence = 2`, "external_lanes_in_order", "trigger", "external_lanes"],
  ["a number that begins anew while the install is active", `${LANE}; DELETE FROM external_lanes`, "external_lanes_kept", "trigger", "external_lanes"],
  ["one change pushed twice", `${push(1, 1)}; ${push(1, 2)}`, "external_pushes_one_per_change", "check", "external_pushes"],
  ["one number given out twice", `${push(1, 1)}; ${push(2, 1)}`, "external_pushes_one_per_number", "check", "external_pushes"],
  ["two pushes under one key", [1, 2].map((id) => push(id, id, ", key", ", '00000000-0000-4000-8000-0000000000aa'")).join("; "), "external_pushes_key", "check", "external_pushes"],
  ["a push in a state that does not exist", push(1, 1, ", state", ", 'lost'"), "external_pushes_state", "check", "external_pushes"],
  ["a delivered push without the time of it", push(1, 1, ", state", ", 'delivered'"), "external_pushes_finished", "check", "external_pushes"],
  ["a parked push without a reason", push(1, 1, ", state", ", 'parked'"), "external_pushes_reason", "check", "external_pushes"],
  ["a delivered push that is sent again", `${push(1, 1, ", state, finished_at", ", 'delivered', now()")}; UPDATE external_pushes SET state = 'pending', finished_at = NULL`, "external_pushes_transition", "trigger", "external_pushes"],
  ["a push that nobody decided upon and that is passed over", `${push(1, 1, ", reason", ", 'r'")}; UPDATE external_pushes SET state = 'skipped', finished_at = now()`, "external_pushes_transition", "trigger", "external_pushes"],
  ["a push with other content than was booked", `${push(1, 1)}; UPDATE external_pushes SET content = '{"delta": 5}'`, "external_pushes_frozen", "trigger", "external_pushes"],
  ["a push with another key than it was sent under", `${push(1, 1)}; UPDATE external_pushes SET key = gen_random_uuid()`, "external_pushes_frozen", "trigger", "external_pushes"],
];
