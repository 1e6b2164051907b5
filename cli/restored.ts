// After a restore to an older moment: keeps every shop from taking stock a second time that was taken before the loss.

import { parkRestored } from "#app/adapters/prisma/park-restored.ts";
import { readNote } from "#app/domain/review.ts";
import type { Composition } from "#app/composition.server.ts";
import type { Command, CommandOptions } from "./command.ts";

const ACTOR = "operator";

interface ShopReport {
  readonly shop: string;
  /** It protected until now. */
  readonly switchedToWatching: boolean;
  readonly parked: number;
}

/**
 * What was sent after the backup is not known here any more, and Shopify is not asked twice about it: orders of that time, found by the
 * back-fill, would be new. A shop that watches takes them in and sends nothing.
 */
export const restored: Command = {
  does: "after a restore to an older moment: shops watch, and what waits goes to review",
  options: "[--shop S] --reason T [--dry-run]",
  async run({ composed, options }) {
    const note = readNote(options.reason ?? "");
    if (note.kind !== "note") throw new Error('--reason "why" is missing (at most 500 characters); it goes to the audit trail, so name no customers');
    const shops: ShopReport[] = [];
    for (const { id, shop } of await activeInstalls(composed, options)) {
      const switchedToWatching = await watch(composed, id, options.dryRun);
      const { parkedCount } = await parkRestored(composed.database, id, { actor: ACTOR, note: note.note, dryRun: options.dryRun });
      shops.push({ shop, switchedToWatching, parked: parkedCount });
    }
    const would = options.dryRun ? "would be " : "";
    const lines = shops.map(({ shop, switchedToWatching, parked }) => `${shop}  ${switchedToWatching ? `${would}switched to watching` : "watched already"}, ${parked} changes ${would}taken to review`);
    return { ok: true, value: { dryRun: options.dryRun, shops }, text: lines.join("\n") || "Holdfast is installed nowhere" };
  },
};

async function activeInstalls({ database }: Composition, { shop }: CommandOptions): Promise<{ id: bigint; shop: string }[]> {
  const installs = await database.query<{ id: bigint; shop: string }>(`SELECT id, shop FROM installs WHERE state = 'active' AND ($1::text IS NULL OR shop = $1) ORDER BY id`, shop ?? null);
  if (shop !== undefined && installs.length === 0) throw new Error(`Holdfast is not installed in ${shop}`);
  return installs;
}

/** Whoever saves settings at the same moment does not turn protection on again: it is tried until the newest version watches. */
async function watch({ settingsStore }: Composition, installId: bigint, dryRun: boolean): Promise<boolean> {
  let current = await settingsStore.current(installId);
  if (current.mode === "observe") return false;
  if (dryRun) return true;
  while (current.mode !== "observe") {
    const saved = await settingsStore.save({ installId, expectedVersion: current.version, document: { ...current, mode: "observe" }, actor: ACTOR });
    current = saved.kind === "saved" ? saved.settings : saved.current;
  }
  return true;
}
