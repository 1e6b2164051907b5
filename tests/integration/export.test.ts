// Downloads of the stock history, against a real database. Goal: any number of rows, in bounded memory, whole or visibly not; only with a
// ticket of one's own. Method: the route's own parts over 50,000 changes, read as a browser reads them; memory by the heap's growth.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { createExportSlots } from "#app/dashboard/export/export-slots.ts";
import { changesFile } from "#app/dashboard/export/changes-file.server.ts";
import { type ExportPorts, serveExport } from "#app/dashboard/export/serve-export.server.ts";
import { offerExport } from "#app/dashboard/history-page.server.ts";
import { readHistoryFilters } from "#app/dashboard/history-filters.ts";
import type { ActiveInstall } from "#app/dashboard/dependencies.ts";

import { NOW, openDashboardFixture, type DashboardFixture } from "./dashboard-fixture.ts";

const ROW_COUNT = 50_000;
const ZONE = "Europe/Berlin";
/** The file has about 17 MB; a page of it well below one. */
const HEAP_GROWTH_MAX_BYTES = 8_000_000;

let fixture: DashboardFixture;
let install: ActiveInstall;
let other: ActiveInstall;

beforeAll(async () => {
  fixture = await openDashboardFixture();
  install = await fixture.install("one.myshopify.com", { timezone: ZONE });
  other = await fixture.install("two.myshopify.com");
  await seed(install, ROW_COUNT);
  await seed(other, 10);
  await fixture.database.execute("INSERT INTO orders (install_id, shop, order_id, name, snapshot, state) VALUES ($1, $2, '100', '#100', '{}'::jsonb, 'settled')", install.installId, install.shop);
});
afterAll(() => fixture.close());

async function seed({ installId, shop }: ActiveInstall, count: number): Promise<void> {
  await fixture.database.execute(
    `INSERT INTO changes (install_id, shop, effect_key, cause, order_id, order_name, sku, title, inventory_item_id, location_id, delta, state, trace_id, created_at, finished_at, before, after)
     SELECT $1, $2, 'e' || n, CASE WHEN n % 100 = 0 THEN 'refund' ELSE 'order' END, n::text, '#' || n, '=SKU,' || n, 'Candle "big"', '51', '61', -1,
       CASE WHEN n % 7 = 0 THEN 'waiting' ELSE 'applied' END, 't', $3::timestamptz, CASE WHEN n % 7 = 0 THEN NULL ELSE $3::timestamptz END, 5, 4 FROM generate_series(1, $4::int) n`,
    installId,
    shop,
    NOW,
    count,
  );
}

function portsAt(now = NOW, monotonicMs = () => 0): ExportPorts & { readonly logged: string[] } {
  const logged: string[] = [];
  return {
    secrets: ["the app's secret"],
    slots: createExportSlots(monotonicMs),
    installStore: fixture.dependencies.installStore,
    clock: { now: () => now },
    logger: { error: (_fields, message) => void logged.push(message) },
    logged,
  };
}

const offer = (ports: ExportPorts, query = "", of = install) => offerExport({ dependencies: fixture.dependencies, install: of, actor: "staff:7", timeZone: ZONE }, ports, new URLSearchParams(query));

/** As the route does. */
function download(ports: ExportPorts, address: string, signal = new AbortController().signal): Promise<Response> {
  return serveExport(new Request(`https://app.test${address}`, { signal }), ports, {
    kind: "changes",
    open: ({ install: of, query }) => changesFile(fixture.database, { installId: of.installId, shop: of.shop, timeZone: ZONE, now: NOW, filter: readHistoryFilters(query, NOW, ZONE).changeFilter }),
  });
}

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

function heapUsed(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

const ORDER = /^[^,]*,[^,]*,(#[0-9]+),/;

describe("an export", () => {
  it("gives 50,000 changes, newest first and each once, in bounded memory, while rows change and come", { timeout: 180_000 }, async () => {
    const ports = portsAt();
    const { address, count, more } = await offer(ports);
    expect([count, more]).toEqual([10_000, true]);
    const response = await download(ports, address);
    const before = heapUsed();
    let [bytes, most, pieces, rest] = [0, 0, 0, ""];
    let expectedOrder = ROW_COUNT;
    const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
    for await (const piece of response.body as unknown as AsyncIterable<Uint8Array>) {
      bytes += piece.length;
      const lines = (rest + decoder.decode(piece, { stream: true })).split("\r\n");
      rest = lines.pop() ?? "";
      for (const line of pieces === 0 ? lines.slice(1) : lines) expect(ORDER.exec(line)?.[1]).toBe(`#${expectedOrder--}`);
      pieces += 1;
      if (pieces % 10 !== 0) continue;
      most = Math.max(most, heapUsed() - before);
      // Some that were read and some that were not are withdrawn; a change comes that was not there.
      await fixture.database.execute("UPDATE changes SET state = 'cancelled', finished_at = now() WHERE install_id = $1 AND state = 'waiting' AND id % 10 = $2::int", install.installId, pieces / 10);
      await seedOne(pieces);
    }
    expect([expectedOrder, rest]).toEqual([0, ""]);
    expect(bytes).toBeGreaterThan(10_000_000);
    expect(most).toBeLessThan(HEAP_GROWTH_MAX_BYTES);
    await fixture.database.execute("DELETE FROM changes WHERE install_id = $1 AND effect_key LIKE 'late%'", install.installId);
  });

  it("is a file that spreadsheets open: named, in UTF-8, times in both zones, and no text that runs as a formula", async () => {
    const ports = portsAt();
    const { address, count, more } = await offer(ports, "order=%23100&cause=refund");
    expect([count, more]).toEqual([1, false]);
    const response = await download(ports, address);
    expect(response.headers.get("content-disposition")).toBe('attachment; filename="stock-history-one-2026-11-21.csv"');
    expect(response.headers.get("content-type")).toBe("text/csv; charset=utf-8");
    const bytes = new Uint8Array(await response.arrayBuffer());
    expect(Buffer.from(bytes.subarray(0, 3)).toString("hex")).toBe("efbbbf");
    const [heading, line, end] = new TextDecoder().decode(bytes).split("\r\n");
    expect(heading?.startsWith("When (Europe/Berlin),When (UTC),Order,Item,SKU,Location,Change of units on sale,Before,After,Cause,State,")).toBe(true);
    expect(line?.startsWith(`2026-11-21T15:30:00+01:00,2026-11-21T14:30:00Z,#100,"Candle ""big""","'=SKU,100",,-1,5,4,Refund,Applied,`)).toBe(true);
    expect(line).toContain("gid://shopify/InventoryItem/51");
    expect(end).toBe("");
  });

  it("reads nothing more when the browser goes away, and gives its place to the next", async () => {
    const ports = portsAt();
    const { address } = await offer(ports);
    const browser = new AbortController();
    const reader = (await download(ports, address, browser.signal)).body?.getReader();
    await reader?.read();
    expect((await download(ports, address)).status).toBe(429);
    browser.abort();
    await expect(reader?.read()).rejects.toThrow("the browser went away");
    expect((await download(ports, address)).status).toBe(200);
    expect(ports.logged).toEqual([]);
  });

  it("is refused, on a page that says what to do, without a ticket, with a late or forged one, and after the app was uninstalled", async () => {
    const { address } = await offer(portsAt());
    const late = await download(portsAt(new Date(NOW.getTime() + 61_000)), address);
    expect([late.status, await late.text()]).toEqual([403, expect.stringContaining("has expired")]);
    for (const forged of ["/exports/changes.csv", "/exports/changes.csv?ticket=x", `${address}x`]) {
      const refused = await download(portsAt(), forged);
      expect([refused.status, refused.headers.get("content-type")]).toEqual([403, "text/html; charset=utf-8"]);
    }
    const theirs = await offer(portsAt(), "", other);
    await fixture.install(other.shop);
    expect((await download(portsAt(), theirs.address)).status).toBe(403);
  });

  it("holds only the changes of the shop it was asked for in", async () => {
    const of = await fixture.install("three.myshopify.com");
    await seed(of, 3);
    const text = await (await download(portsAt(), (await offer(portsAt(), "", of)).address)).text();
    expect(text.trimEnd().split("\r\n")).toHaveLength(4);
  });
});

async function seedOne(place: number): Promise<void> {
  await fixture.database.execute(
    "INSERT INTO changes (install_id, shop, effect_key, cause, order_id, inventory_item_id, location_id, delta, state, trace_id) VALUES ($1, $2, $3, 'order', '1', '51', '61', -1, 'waiting', 't')",
    install.installId,
    install.shop,
    `late${place}`,
  );
}
