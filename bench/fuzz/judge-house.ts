// After an attack: is the process the same and well, is the database clean, and does a good webhook still do its work?
import { ledgerDifferences } from "#tests/setup/ledger-and-truth.ts";
import type { FuzzHouse } from "./fuzz-house.ts";

/** Turns that ask for another at once; more is a shop that comes to no rest. */
const TURNS_MAX = 2_000;

/** What is not as it should be; empty when nothing is. */
export async function judgeHouse(fuzzed: FuzzHouse): Promise<string[]> {
  const faults = await judgeProcess(fuzzed);
  await workOff(fuzzed);
  faults.push(...(await judgeDatabase(fuzzed)));
  faults.push(...(await judgeGoodWebhook(fuzzed)));
  return faults;
}

async function judgeProcess({ web }: FuzzHouse): Promise<string[]> {
  const end = web.ended();
  if (end !== null) return [`the web process ${end}`];
  const health = await fetch(`${web.origin}/healthz`).then(({ status }) => status, String);
  const errors = [...new Set(web.errors.map((line) => line.slice(0, 600)))].slice(0, 5);
  return [...(health === 200 ? [] : [`/healthz answers ${health}`]), ...errors.map((line) => `it logged: ${line}`)];
}

/** Everything that can be done now; what waits for a time (an order that no location is known of) waits. */
async function workOff({ house, shop }: FuzzHouse): Promise<void> {
  for (let count = 0; count < TURNS_MAX; count += 1) {
    await house.delivered();
    const { again } = await house.turn(shop.shop);
    if (again === "no" || typeof again === "object") return;
  }
  throw new Error(`${shop.shop} still asks for turns after ${TURNS_MAX}`);
}

async function judgeDatabase({ house, shop }: FuzzHouse): Promise<string[]> {
  const { database } = house.composed;
  const faults: string[] = [];
  const count = async (what: string, sql: string, ...values: (string | bigint)[]): Promise<void> => {
    const [row] = await database.query<{ count: number }>(`SELECT count(*)::int AS count FROM ${sql}`, ...values);
    if ((row?.count ?? 0) > 0) faults.push(`${row?.count} ${what}`);
  };
  const tables = await database.query<{ name: string }>(
    `SELECT c.table_name::text AS name FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
     WHERE c.table_schema = 'public' AND c.column_name = 'shop' AND t.table_type = 'BASE TABLE' ORDER BY 1`,
  );
  if (tables.length < 10) faults.push(`only ${tables.length} tables have a shop`);
  // Privacy requests are signed by Shopify and come for shops that are long gone: they are kept for whomever they name.
  for (const { name } of tables.filter((table) => table.name !== "compliance_requests")) await count(`rows of unknown shops in ${name}`, `"${name}" WHERE shop <> $1`, shop.shop);
  await count("notifications that were not worked off", `deliveries WHERE state = 'pending'`);
  await count("notifications put aside without a reason", `deliveries WHERE state IN ('rejected', 'ignored') AND reason IS NULL`);
  await count("changes parked without a reason", `changes WHERE state = 'parked' AND reason IS NULL`);
  await count("calls still open", `mutations WHERE state = 'open'`);
  const active = await house.composed.installStore.active(shop.shop);
  if (active?.installId !== shop.installId) faults.push("the install is not the one it was");
  faults.push(...(await ledgerDifferences(house, shop)).slice(0, 5));
  return faults;
}

/** An order of a source that is deducted: one unit leaves, once. */
async function judgeGoodWebhook(fuzzed: FuzzHouse): Promise<string[]> {
  const { house, shop, known } = fuzzed;
  // Whoever had a token may have changed the settings: that is what it is for.
  await house.protect(shop);
  const before = availableOf(fuzzed);
  const placed = house.simulator.control.placeOrder(shop.shop, { channel: "api", sourceName: "my-channel", lines: [{ variantId: `gid://shopify/ProductVariant/${known.variantId}`, quantity: 1 }] });
  if ("refused" in placed) return ["the good order was refused by the simulator"];
  await workOff(fuzzed);
  const taken = before - availableOf(fuzzed);
  return taken === 1 ? [] : [`a good order took ${taken} units instead of 1`];
}

function availableOf({ house, shop, known }: FuzzHouse): number {
  const level = house.simulator.control.levels(shop.shop).find((one) => String(one["inventoryItemId"]).endsWith(`/${known.inventoryItemId}`));
  if (level === undefined) throw new Error("the item has a level");
  return Number(level["available"]);
}
