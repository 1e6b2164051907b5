// Which addresses are measured: every page of the app, and the filters that could hurt most in a big shop.

import { Client } from "pg";

export interface MeasuredPage {
  readonly name: string;
  /** Its route, as the files of app/routes name it; a test holds the list to them. */
  readonly route: string;
  readonly path: string;
  /** Filters and far pages are asked of the server; a browser would show the same page again. */
  readonly inBrowser: boolean;
}

/** What addresses name, found in the seeded shop. */
export interface Landmarks {
  readonly changeId: string;
  readonly orderId: string;
  readonly orderName: string;
  readonly holdId: string;
  readonly oversellId: string;
  readonly conflictId: string;
  readonly driftId: string;
  /** The hottest stock and one that hardly moves. */
  readonly hotItem: string;
  readonly hotSku: string;
  readonly coldSku: string;
  readonly locationId: string;
  readonly deliveryId: string;
  /** Cursors into the middle of the history and far back. */
  readonly secondPage: string;
  readonly farPage: string;
  readonly farDelivery: string;
}

export async function findLandmarks(url: string, installId: bigint): Promise<Landmarks> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const one = async (sql: string): Promise<Record<string, string>> => {
    const { rows } = await client.query<Record<string, string>>(sql, [installId]);
    if (rows[0] === undefined) throw new Error(`nothing in the seeded shop answers: ${sql}`);
    return rows[0];
  };
  try {
    const change = await one(`SELECT id::text AS id, order_id, order_name FROM changes WHERE install_id = $1 AND state = 'applied' AND order_id IS NOT NULL ORDER BY id DESC OFFSET 100 LIMIT 1`);
    const second = await one(`SELECT id::text AS id FROM changes WHERE install_id = $1 ORDER BY id DESC OFFSET 50 LIMIT 1`);
    const range = await one(`SELECT (min(id) + (max(id) - min(id)) / 10)::text AS far FROM changes WHERE install_id = $1`);
    const delivery = await one(`SELECT max(id)::text AS id, (min(id) + (max(id) - min(id)) / 10)::text AS far FROM deliveries WHERE install_id = $1`);
    const hold = await one(`SELECT id::text AS id FROM reservations WHERE install_id = $1 AND state = 'committed' ORDER BY created_at DESC LIMIT 1`);
    const [oversell, conflict, drift] = [await newest(one, "oversells"), await newest(one, "conflicts"), await newest(one, "drifts")];
    const hot = await one(`SELECT inventory_item_id AS item, sku, location_id AS location FROM changes WHERE install_id = $1 AND state = 'applied' AND sku IS NOT NULL AND location_id IS NOT NULL GROUP BY 1, 2, 3 ORDER BY count(*) DESC LIMIT 1`);
    const cold = await one(`SELECT sku FROM changes WHERE install_id = $1 AND sku IS NOT NULL GROUP BY 1 ORDER BY count(*) LIMIT 1`);
    return {
      changeId: text(change["id"]),
      orderId: text(change["order_id"]),
      orderName: text(change["order_name"]),
      holdId: text(hold["id"]),
      oversellId: oversell,
      conflictId: conflict,
      driftId: drift,
      hotItem: text(hot["item"]),
      hotSku: text(hot["sku"]),
      coldSku: text(cold["sku"]),
      locationId: text(hot["location"]),
      deliveryId: text(delivery["id"]),
      secondPage: cursor(text(second["id"])),
      farPage: cursor(text(range["far"])),
      farDelivery: cursor(text(delivery["far"])),
    };
  } finally {
    await client.end();
  }
}

async function newest(one: (sql: string) => Promise<Record<string, string>>, table: string): Promise<string> {
  return text((await one(`SELECT id::text AS id FROM ${table} WHERE install_id = $1 AND state = 'open' ORDER BY id DESC LIMIT 1`))["id"]);
}

function text(value: string | undefined): string {
  if (value === undefined) throw new Error("a landmark is missing");
  return value;
}

/** As the dashboard writes them. */
const cursor = (id: string) => Buffer.from(`i${id}`, "latin1").toString("base64url");

/** A page of its own: measured in the browser, too. */
const page = (name: string, route: string, path: string): MeasuredPage => ({ name, route, path, inBrowser: true });
const variant = (name: string, route: string, path: string): MeasuredPage => ({ name, route, path, inBrowser: false });

export function measuredPages(at: Landmarks): MeasuredPage[] {
  return [
    page("Home", "app._index", "/app"),
    variant("Home over a week", "app._index", "/app?span=week"),
    page("Stock history", "app.history._index", "/app/history"),
    variant("… second page", "app.history._index", `/app/history?older=${at.secondPage}`),
    variant("… far back", "app.history._index", `/app/history?older=${at.farPage}`),
    variant("… by order name", "app.history._index", `/app/history?order=${encodeURIComponent(at.orderName)}`),
    variant("… by SKU, busiest item", "app.history._index", `/app/history?item=${at.hotSku}`),
    variant("… by SKU, rarest item", "app.history._index", `/app/history?item=${at.coldSku}`),
    variant("… by a word that many titles have", "app.history._index", "/app/history?item=Linen"),
    variant("… by a word that nothing has", "app.history._index", "/app/history?item=unobtainium"),
    variant("… set aside for review", "app.history._index", "/app/history?state=parked"),
    variant("… a state that nothing has", "app.history._index", "/app/history?state=rejected"),
    variant("… refunds", "app.history._index", "/app/history?cause=refund"),
    variant("… corrections, of which there are none", "app.history._index", "/app/history?cause=correction"),
    variant("… at one place", "app.history._index", `/app/history?location=${at.locationId}`),
    variant("… of one source", "app.history._index", "/app/history?source=name:my-channel"),
    variant("… that people acted on", "app.history._index", "/app/history?who=anybody"),
    variant("… by the beginning of an order's name", "app.history._index", `/app/history?order=${encodeURIComponent(at.orderName.slice(0, 4))}`),
    variant("… of a month", "app.history._index", "/app/history?when=month"),
    variant("… of a day long ago", "app.history._index", `/app/history?from=${dayBefore(60)}&to=${dayBefore(60)}`),
    variant("… applied refunds of the busiest item this week", "app.history._index", `/app/history?state=applied&cause=refund&when=week&item=${at.hotSku}`),
    page("a change", "app.history.$id", `/app/history/${at.changeId}`),
    page("an order", "app.history.orders.$orderId", `/app/history/orders/${at.orderId}`),
    page("Notifications", "app.history.notifications", "/app/history/notifications"),
    variant("… far back", "app.history.notifications", `/app/history/notifications?older=${at.farDelivery}`),
    page("a notification", "app.history.notifications_.$id", `/app/history/notifications/${at.deliveryId}`),
    page("Oversells", "app.oversells._index", "/app/oversells"),
    variant("… closed", "app.oversells._index", "/app/oversells?show=closed"),
    variant("… may be", "app.oversells._index", "/app/oversells?show=apart"),
    variant("… of an order", "app.oversells._index", `/app/oversells?search=${encodeURIComponent(at.orderName)}`),
    page("an oversell", "app.oversells.$id", `/app/oversells/${at.oversellId}`),
    page("Overwritten stock", "app.overwritten._index", "/app/overwritten"),
    variant("… of an item", "app.overwritten._index", `/app/overwritten?item=${at.hotItem}`),
    page("an overwrite", "app.overwritten.$id", `/app/overwritten/${at.conflictId}`),
    page("Stock mismatches", "app.mismatches._index", "/app/mismatches"),
    page("a mismatch", "app.mismatches.$id", `/app/mismatches/${at.driftId}`),
    page("Busy items", "app.busy", "/app/busy"),
    variant("Busy items over a week", "app.busy", "/app/busy?span=week"),
    variant("… one of them", "app.busy", `/app/busy?item=${at.hotItem}&location=${at.locationId}`),
    page("Prevented", "app.prevented", "/app/prevented"),
    page("Holds", "app.holds._index", "/app/holds"),
    variant("Holds over a week", "app.holds._index", "/app/holds?span=week"),
    page("All holds", "app.holds.all", "/app/holds/all"),
    variant("… that wait for a person", "app.holds.all", "/app/holds/all?show=waiting"),
    page("a hold", "app.holds.$id", `/app/holds/${at.holdId}`),
    page("Needs review", "app.review", "/app/review"),
    variant("… one reason", "app.review", "/app/review?why=source_paused"),
    page("Settings", "app.settings._index", "/app/settings"),
    ...SETTINGS_PAGES.map((name) => page(`Settings: ${name}`, `app.settings.${name}`, `/app/settings/${name}`)),
    page("Settings: before you uninstall", "app.settings.leaving", "/app/settings/leaving"),
    page("Settings: earlier versions", "app.settings.versions._index", "/app/settings/versions"),
    page("Settings: an earlier version", "app.settings.versions.$version", "/app/settings/versions/11"),
    page("API tokens", "app.settings.tokens", "/app/settings/tokens"),
    page("Help", "app.help", "/app/help"),
  ];
}

const SETTINGS_PAGES = ["mode", "sources", "timing", "bundles", "restock", "holds", "oversells", "alerts", "external", "history", "transfer"];

/** In UTC, as a filter takes it. */
function dayBefore(days: number): string {
  return new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);
}
