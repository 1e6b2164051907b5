// The two shops of the dashboard's measurements: seeded once, found again where the data were kept.
import { BIG, type House, SMALL } from "../start-house.ts";
import { seedShops } from "./seed-shops.ts";
import { BIG_SHOP, SMALL_SHOP } from "./shop-size.ts";

export async function ensureSeeded(house: House, tell: (line: string) => void): Promise<void> {
  if (house.isSeeded) return tell("the shop is there from an earlier run");
  const shops = [
    { ...SMALL_SHOP, shop: SMALL, installId: await house.installOf(SMALL) },
    { ...BIG_SHOP, shop: BIG, installId: await house.installOf(BIG) },
  ];
  const { seconds, rows } = await seedShops(house.databaseUrl, shops);
  const counts = Object.entries(rows).slice(0, 12).map(([table, count]) => `${count.toLocaleString("en")} ${table}`);
  tell(`seeded in ${seconds.toFixed(0)} s: ${counts.join(", ")}`);
}
