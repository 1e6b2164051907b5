// Every page a merchant can open, with the shop that they are opened in: what holds for all pages is tested over this list, and the screenshots are taken from it.
import { openApi } from "./settings-by-api.ts";
import { holdInCheckout } from "./hold-in-checkout.ts";
import { busyAddress, seedBusyHours } from "./seed-busy-hours.ts";
import { doubleCall, overwriteStock } from "./problem-rows.ts";
import { receiveThrice } from "./repeated-notification.ts";
import { sellTooMany } from "./oversold-shop.ts";
import { openSmallShop } from "./small-shop.ts";
import type { SmallShop } from "./small-shop.ts";
import type { WholeApp } from "./whole-app.ts";

/** What the addresses of the detail pages name. */
export interface PageIds {
  readonly changeId: string;
  readonly orderId: string;
  readonly deliveryId: string;
  readonly holdId: string;
  readonly oversellId: string;
  readonly overwriteId: string;
  readonly mismatchId: string;
  /** The page of an item that was waited for. */
  readonly busyItemPath: string;
}

/** `[name, heading, address]`: the name is unique and becomes the screenshot's file name. */
export type PageOfList = readonly [name: string, heading: string | RegExp, path: (ids: PageIds) => string];

export const PAGES: readonly PageOfList[] = [
  ["Home", "Home", () => "/app"],
  ["Home over a week", "Home", () => "/app?span=week"],
  ["What was prevented", "What was prevented", () => "/app/prevented"],
  ["Oversells", "Oversells", () => "/app/oversells"],
  ["Oversells, sold on purpose", "Oversells", () => "/app/oversells?show=apart"],
  ["an oversell", "1 unit of Blue mug too many was sold", (ids) => `/app/oversells/${ids.oversellId}`],
  ["Stock history", "Stock history", () => "/app/history"],
  ["Stock history, filtered", "Stock history", () => "/app/history?item=MUG&mode=protect&when=week&source=name:my-channel"],
  ["a change", /· order #/, (ids) => `/app/history/${ids.changeId}`],
  ["an order", /^Order #/, (ids) => `/app/history/orders/${ids.orderId}`],
  ["Busy items", "Busy items", () => "/app/busy"],
  ["a busy item", "Stoneware mug", (ids) => ids.busyItemPath],
  ["Holds", "Holds", () => "/app/holds"],
  ["All holds", "All holds", () => "/app/holds/all"],
  ["a hold", "2 × Beeswax candle", (ids) => `/app/holds/${ids.holdId}`],
  ["Overwritten stock", "Overwritten stock", () => "/app/overwritten"],
  ["an overwrite", /: 247 overwritten by 250$/, (ids) => `/app/overwritten/${ids.overwriteId}`],
  ["Stock mismatches", "Stock mismatches", () => "/app/mismatches"],
  ["a mismatch", /: 1 fewer than known$/, (ids) => `/app/mismatches/${ids.mismatchId}`],
  ["Needs review", "Needs review", () => "/app/review"],
  ["Notifications", "Notifications", () => "/app/history/notifications"],
  ["a notification", /^Order placed · order #/, (ids) => `/app/history/notifications/${ids.deliveryId}`],
  ["Settings", "Settings", () => "/app/settings"],
  ["What Holdfast does", "What Holdfast does", () => "/app/settings/mode"],
  ["Order sources", "Order sources", () => "/app/settings/sources"],
  ["When and where", "When and where", () => "/app/settings/timing"],
  ["Bundles", "Bundles", () => "/app/settings/bundles"],
  ["Giving stock back", "Giving stock back", () => "/app/settings/restock"],
  ["Settings of holds", "Holds for your own checkout", () => "/app/settings/holds"],
  ["Settings of oversells", "Oversells", () => "/app/settings/oversells"],
  ["Alerts", "Alerts", () => "/app/settings/alerts"],
  ["Your stock system", "Your stock system", () => "/app/settings/external"],
  ["History and privacy", "History and privacy", () => "/app/settings/history"],
  ["Import and export", "Import and export", () => "/app/settings/transfer"],
  ["Earlier versions", "Earlier versions", () => "/app/settings/versions"],
  ["an earlier version", "Version 2", () => "/app/settings/versions/2"],
  ["Before you uninstall", "Before you uninstall", () => "/app/settings/leaving"],
  ["API tokens", "API tokens", () => "/app/settings/tokens"],
  ["Help", "Help", () => "/app/help"],
];

export interface ShopOfPages {
  readonly small: SmallShop;
  readonly ids: PageIds;
}

/** A small shop in which every page of the list has something to show. */
export async function openShopOfPages(whole: WholeApp, name: string): Promise<ShopOfPages> {
  const small = openSmallShop(whole, name, { scopes: ["write_inventory"] });
  await whole.firstVisit(small.shop);
  const api = await openApi(whole, small.shop);
  const bundle = { variantId: small.giftSet.variantId, parentStock: "derive", components: [{ inventoryItemId: small.candle.inventoryItemId, quantity: 2 }] };
  await api.save((settings) => ({ ...settings, bundles: [bundle], alerts: [{ kind: "webhook", target: "https://stock.example.com/alerts", on: ["oversell"], threshold: { oversellDepth: 2 } }] }));
  await api.protect();
  for (const quantity of [1, 2, 3]) small.order(small.mug, quantity);
  const [change] = await api.reached("applied", 3);
  await seedBusyHours(whole, small, small.mug, { waits: [40, 180, 25, 0, 0, 7], bucket: 6, longestMs: 4_200, holdMs: 1_900 });
  await seedBusyHours(whole, small, small.candle, { waits: [3, 0, 11], cause: "reservations" });
  return {
    small,
    ids: {
      busyItemPath: busyAddress(small, small.mug),
      overwriteId: (await overwriteStock(whole, small, small.mug, change?.orderId.split("/").at(-1) ?? "", 250)).id,
      mismatchId: (await doubleCall(whole, small, small.candle, 398)).id,
      changeId: change?.id ?? "",
      orderId: change?.orderId.split("/").at(-1) ?? "",
      deliveryId: (await receiveThrice(whole, small, change?.orderId.split("/").at(-1) ?? "")).deliveryId,
      holdId: await holdInCheckout(whole, api.token, small.candle, 2),
      oversellId: (await sellTooMany(whole, small)).oversellId,
    },
  };
}
