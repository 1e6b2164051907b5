// Goal: two turns of one shop at once lose nothing even where something is wrong with a row. Method: one delivery that no worker can
// absorb before good ones, and two workers who both fail on it.
import { afterAll, beforeAll, expect, it } from "vitest";

import { openDatabase, type OpenDatabase } from "#app/adapters/prisma/database.server.ts";
import { createOrderBook } from "#app/adapters/prisma/order-book.server.ts";
import { TIMINGS } from "#app/ports/timings.ts";
import { createTestDatabase, type TestDatabase } from "#tests/setup/test-database.ts";

const SHOP = "a.myshopify.com";
let test: TestDatabase;
let database: OpenDatabase;

beforeAll(async () => {
  test = await createTestDatabase();
  database = openDatabase({ url: test.url, connectionsMax: 8 });
  await database.execute(`INSERT INTO installs (id, shop, epoch) VALUES (1, $1, 1)`, SHOP);
});
afterAll(async () => {
  await database.close();
  await test.drop();
});

it("sets aside the delivery that cannot be absorbed and no other, when two workers meet it one after the other", async () => {
  await database.execute(
    `INSERT INTO deliveries (install_id, shop, webhook_id, topic, trace_id, order_id, payload)
     SELECT 1, '${SHOP}', position::text, 'orders/create', 't', position::text, payload::jsonb FROM unnest($1::text[]) WITH ORDINALITY AS d(payload, position)`,
    ['{"kind": "order", "version": null}', '{"kind": "edited"}', '{"kind": "edited"}'],
  );
  const second = createOrderBook(database, TIMINGS);
  // The first worker has failed on it; before it can set it aside, the second fails on it too and is faster.
  const first = createOrderBook(
    {
      ...database,
      async execute(sql, ...values) {
        await second.absorb(1n, 1);
        return database.execute(sql, ...values);
      },
    },
    TIMINGS,
  );
  await first.absorb(1n, 1);
  const states = () => database.query<{ state: string }>(`SELECT state FROM deliveries ORDER BY id`);
  expect(await states()).toEqual([{ state: "rejected" }, { state: "pending" }, { state: "pending" }]);
  await second.absorb(1n, 10);
  expect(await states()).toEqual([{ state: "rejected" }, { state: "processed" }, { state: "processed" }]);
});
