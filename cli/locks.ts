// Who holds which lock of a shop, since when, and how many wait.

import { type Command, installOf } from "./command.ts";

export const locks: Command = {
  does: "lists a shop's locks: holder, purpose, since when, waiting",
  options: "--shop S",
  async run(context) {
    const install = await installOf(context);
    const listing = await context.composed.lock.listLocks(install.shop);
    const lines = listing.held.map((lock) => `${lock.resource}  ${lock.purpose}  since ${lock.heldSince.toISOString()}  ${lock.waitingCount} waiting  ${lock.owner}`);
    return { ok: true, value: listing, text: lines.join("\n") || "no locks are held" };
  },
};
