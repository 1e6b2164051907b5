// What Holdfast would have done while it only watched, and which oversells it would have prevented: for the operator.

import { ASSUMED, KNOWN, representShadowVerdict } from "#app/api/represent-shadow-verdict.ts";
import { plural } from "#app/dashboard/formatting.ts";
import { readShadowVerdict, type ShadowVerdict } from "#app/dashboard/queries/shadow-verdict.server.ts";
import { type Command, installOf } from "./command.ts";

export const shadow: Command = {
  does: "tells what Holdfast would have done since the install, and which oversells it would have prevented",
  options: "--shop S",
  async run(context) {
    const install = await installOf(context);
    const verdict = await readShadowVerdict(context.composed.database, install);
    return { ok: true, value: representShadowVerdict(verdict), text: toText(install.shop, verdict) };
  },
};

function toText(shop: string, { since, protectedSince, watched, oversells }: ShadowVerdict): string {
  const { byVerdict } = oversells;
  return [
    `${shop}, installed ${since.toISOString()}${protectedSince === null ? ", watching only" : `, protection first switched on ${protectedSince.toISOString()}`}`,
    `would have been written: ${plural(watched.changes, "change")} of ${plural(watched.items, "item")} for ${plural(watched.orders, "order")}: ${plural(watched.unitsTaken, "unit")} taken, ${watched.unitsReturned} given back`,
    ...(watched.cut ? ["  (older changes are not in these sums)"] : []),
    ...(watched.unassigned > 0 ? [`  and ${plural(watched.unassigned, "line")} whose stock could not be told`] : []),
    ...watched.sources.map((source) => `  ${source.sourceKey ?? "bundles and others"}: ${plural(source.changes, "change")}, ${plural(source.units, "unit")} net`),
    `oversells seen: ${oversells.judged}, of ${plural(oversells.units, "unit")}; ${plural(oversells.unitsPrevented, "unit")} would have been prevented`,
    `  prevented ${byVerdict.prevented}, in part ${byVerdict.partly_prevented}, not ${byVerdict.not_prevented}, cannot be told ${byVerdict.unknown}`,
    ...oversells.items.filter(({ unitsPrevented }) => unitsPrevented > 0).map((one) => `  ${one.openedAt.toISOString()}  ${one.sku ?? one.inventoryItemId}: ${one.unitsPrevented} of ${one.depth}`),
    "known:",
    ...KNOWN.map((line) => `  ${line}`),
    "assumed:",
    ...ASSUMED.map((line) => `  ${line}`),
  ].join("\n");
}
