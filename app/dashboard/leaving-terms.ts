// The words of the page that is read before Holdfast is uninstalled. Pure.

import { formatCapped, plural } from "./formatting.ts";
import { outcomeOf } from "./oversell-outcome.ts";
import type { LeavingPage } from "./leaving-page.server.ts";
import type { HeldOrdersReleased } from "./release-held-orders.server.ts";

/** What Shopify keeps, whatever Holdfast does. */
export const LEAVING_FACTS = [
  "Every change of stock that Holdfast made stays as it is: your stock is not put back to some earlier number.",
  "From the moment you uninstall, Holdfast takes stock for no order, watches nothing, tells nobody, and its API tokens stop working. Shopify goes on taking stock for the online store by itself.",
  "48 hours later Shopify asks Holdfast to delete everything it stored about this shop, and it does. Installed again before that, it begins anew and does not go on where it stopped.",
  "Shopify Flow workflows that begin with \"Oversell opened\" stay, and do not start any more.",
] as const;

/** Nothing that only Holdfast can clear away is left. */
export function isReadyToLeave({ holds, heldOrderCount }: Pick<LeavingPage, "holds" | "heldOrderCount">): boolean {
  return holds.granted === 0 && holds.held === 0 && heldOrderCount === 0;
}

export function heldOrdersText({ heldOrders, heldOrderCount }: Pick<LeavingPage, "heldOrders" | "heldOrderCount">): string {
  if (heldOrderCount === 0) return "No order is on hold because of Holdfast.";
  const more = heldOrderCount - heldOrders.length;
  const names = heldOrders.map(({ name }) => name).join(", ");
  const are = heldOrderCount === 1 ? "order is" : "orders are";
  return `${formatCapped(heldOrderCount)} ${are} on hold in Shopify: ${names}${more > 0 ? ` and ${formatCapped(more)} more` : ""}. Nobody can ship what is on hold until it is released, here or in Shopify.`;
}

export function keptAsideText({ granted, held, settling }: LeavingPage["holds"]): string {
  if (held === 0 && granted === 0) return "Shopify keeps no units aside for Holdfast.";
  const owed = settling === 0 ? "" : ` ${plural(settling, "unit")} of them ${settling === 1 ? "is" : "are"} paid for and ${settling === 1 ? "waits" : "wait"} for an order: decide on the page Holds what became of them.`;
  return `Shopify keeps ${plural(held, "unit")} out of sale for your own checkout. Without Holdfast nobody puts ${held === 1 ? "it" : "them"} back on sale.${owed}`;
}

export interface LeavingOutcome {
  readonly tone: "success" | "warning" | "critical" | "info";
  readonly title: string;
  readonly text?: string;
}

export function releasedOutcome({ released, stopped, more }: HeldOrdersReleased): LeavingOutcome {
  const count = `${plural(released, "order")} released`;
  if (stopped !== null) {
    const { tone, title, text } = outcomeOf({ act: "release", order: { orderId: "", name: "the next order" } }, stopped);
    return { tone, title: released === 0 ? title : `${count}, then it stopped. ${title}`, ...(text === undefined ? {} : { text }) };
  }
  if (more) return { tone: "info", title: count, text: "There are more: release again." };
  return { tone: "success", title: released === 0 ? "Nothing was on hold any more" : count };
}
