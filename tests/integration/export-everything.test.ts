// Everything as a file, against a real database: each table of an install is in it or named as left out, no secret is, and nothing of another shop.
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { ActiveInstall } from "#app/dashboard/dependencies.ts";
import { everythingFile } from "#app/dashboard/export/everything-file.server.ts";
import { EVERYTHING_TABLES, LEFT_OUT } from "#app/dashboard/export/everything-tables.ts";
import { DEFAULT_SETTINGS } from "#app/domain/settings.ts";

import { NOW, openDashboardFixture, seedChange, seedDelivery, seedOrder, type DashboardFixture } from "./dashboard-fixture.ts";

let fixture: DashboardFixture;
let install: ActiveInstall;
let other: ActiveInstall;

beforeEach(async () => {
  fixture = await openDashboardFixture();
  install = await fixture.install("one.myshopify.com");
  other = await fixture.install("two.myshopify.com");
});
afterEach(() => fixture.close());

interface Line {
  readonly table: string;
  readonly row: Record<string, unknown>;
}

async function read(of: ActiveInstall, rowsPerBatch?: number): Promise<{ text: string; lines: readonly Line[] }> {
  const file = everythingFile(fixture.database, { installId: of.installId, shop: of.shop, now: NOW, ...(rowsPerBatch === undefined ? {} : { rowsPerBatch }) });
  let text = "";
  for await (const piece of file.pieces) text += piece;
  return { text, lines: text.trimEnd().split("\n").map((line) => JSON.parse(line) as Line) };
}

describe("everything", () => {
  it("knows every table that holds rows of an install", async () => {
    const tables = await fixture.database.query<{ name: string }>("SELECT table_name::text AS name FROM information_schema.columns WHERE column_name = 'install_id' AND table_schema = 'public' ORDER BY 1");
    const told = [...EVERYTHING_TABLES.flatMap(({ table, with: parts = [] }) => [table, ...parts.map(([part]) => part)]), ...Object.keys(LEFT_OUT)];
    expect(told.toSorted()).toEqual(tables.map(({ name }) => name).toSorted());
  });

  it("reads each table to its end in batches of any size, in one order, and says where the end is", async () => {
    for (let index = 0; index < 25; index += 1) {
      await seedDelivery(fixture.database, install, { orderId: String(index), duplicates: 1 });
      await seedChange(fixture.database, install, { orderId: String(index), state: "applied" });
      await seedOrder(fixture.database, install, String(index));
    }
    await seedChange(fixture.database, other, { orderId: "77", orderName: "#theirs", state: "applied" });
    const whole = await read(install);
    expect((await read(install, 3)).text).toBe(whole.text);
    const count = (table: string) => whole.lines.filter((line) => line.table === table).length;
    expect(["deliveries", "delivery_duplicates", "changes", "mutations", "orders"].map(count)).toEqual([25, 25, 25, 25, 25]);
    expect([whole.lines[0]?.table, whole.lines.at(-1)?.table]).toEqual(["about", "end"]);
    expect(whole.text).not.toContain("#theirs");
    expect((await read(other)).lines.filter((line) => line.table === "changes")).toHaveLength(1);
    expect(whole.lines.find((line) => line.table === "mutations")?.row).toMatchObject({ attempts: [{ number: 1, outcome: "throttled" }, { number: 2, outcome: "applied" }], mutation_entries: [] });
  });

  it("holds no secret: no token's fingerprint, no signing key, no address that is one", async () => {
    const { apiTokenStore, alerts, settingsStore } = fixture.dependencies;
    const created = await apiTokenStore.create({ installId: install.installId, label: "Warehouse", actor: "staff:7" });
    await alerts.secrets.signingSecret(install.installId);
    await fixture.database.execute("INSERT INTO external_systems (install_id, shop, secret_sealed, secret_set_at, secret_set_by) VALUES ($1, $2, 'sealed-secret', now(), 'staff:7')", install.installId, install.shop);
    await settingsStore.save({ installId: install.installId, expectedVersion: 1, document: { ...DEFAULT_SETTINGS, retentionDays: 45 }, actor: "staff:7" });
    const { text, lines } = await read(install);
    const [stored] = await fixture.database.query<{ hash: string }>("SELECT hash FROM api_tokens");
    const [sealed] = await fixture.database.query<{ sealed: string }>("SELECT sealed FROM alert_secrets");
    for (const secret of [created.kind === "created" ? created.token : "", stored?.hash ?? "", sealed?.sealed ?? "", "sealed-secret"]) {
      expect(secret).not.toBe("");
      expect(text).not.toContain(secret);
    }
    expect(lines.find((line) => line.table === "api_tokens")?.row).toMatchObject({ label: "Warehouse" });
    expect(lines.filter((line) => line.table === "settings_versions").map(({ row }) => row["version"])).toEqual([1, 2]);
  });
});
