// Goal: what was written for READ COMMITTED runs under it. Method: a database whose operator made another level its default.
import { expect, it } from "vitest";

import { openDatabase } from "#app/adapters/prisma/database.server.ts";
import { createTestDatabase } from "#tests/setup/test-database.ts";

it("every transaction is READ COMMITTED, whatever the database's own default is", async () => {
  const { url, drop } = await createTestDatabase();
  const operator = openDatabase({ url, connectionsMax: 1 });
  await operator.execute(`ALTER DATABASE "${new URL(url).pathname.slice(1)}" SET default_transaction_isolation = 'serializable'`);
  await operator.close();
  const database = openDatabase({ url, connectionsMax: 1 });
  const level = `SELECT current_setting('transaction_isolation') AS level`;
  expect(await database.query(level)).toEqual([{ level: "read committed" }]);
  expect(await database.transaction((tx) => tx.query(level))).toEqual([{ level: "read committed" }]);
  await database.close();
  await drop();
});
