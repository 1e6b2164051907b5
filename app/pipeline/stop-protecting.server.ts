// Falls back to watching when Shopify no longer lets us change stock: a new version of the settings, written in the audit trail.

import type { Settings } from "#app/domain/settings.ts";
import type { Turn } from "./turn-context.ts";

/**
 * @param sentUnder the settings in force when the refused call left. If somebody saved others since, the refusal is no evidence against
 * them: a worker that slept through a merchant's granting the permission again would switch protection off once more. When it still
 * holds, the next call is refused too.
 */
export async function stopProtecting(turn: Turn, sentUnder: Settings, reason: string): Promise<void> {
  const { settings, logger } = turn.ports;
  if (sentUnder.mode === "observe") return;
  const saved = await settings.save({
    installId: turn.install.installId,
    expectedVersion: sentUnder.version,
    document: { ...sentUnder, mode: "observe" },
    actor: "holdfast",
  });
  if (saved.kind === "saved") logger.warn({ shop: turn.install.shop, reason, version: saved.settings.version }, "protection was switched off");
}
