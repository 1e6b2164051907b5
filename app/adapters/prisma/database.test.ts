import { describe, expect, it } from "vitest";

import type { DatabaseFailureKind } from "#app/ports/telemetry.ts";
import { openDatabase } from "./database.server.ts";

describe("a database that cannot be reached", () => {
  it("is counted as unavailable, a statement and a transaction alike, and the failure is the caller's", async () => {
    const failures: DatabaseFailureKind[] = [];
    // Port 1 of this machine: nothing listens there.
    const database = openDatabase({ url: "postgresql://nobody@127.0.0.1:1/nothing", connectionsMax: 1, onFailure: (kind) => failures.push(kind) });
    await expect(database.query("SELECT 1")).rejects.toThrow(/./);
    await expect(database.transaction((tx) => tx.query("SELECT 1"))).rejects.toThrow(/./);
    expect(failures).toEqual(["unavailable", "unavailable"]);
    await database.close();
  });
});
