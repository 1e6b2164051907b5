// Falls back to watching when Shopify no longer lets us change stock: a new version of the settings, written in the audit trail.

import type { Turn } from "./turn-context.ts";

/** Somebody may save settings at the same moment; a few tries find a quiet one. */
const ATTEMPTS_MAX = 3;

export async function stopProtecting(turn: Turn, reason: string): Promise<void> {
  const { settings, logger } = turn.ports;
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    const current = await settings.current(turn.install.installId);
    if (current.mode === "observe") return;
    const saved = await settings.save({
      installId: turn.install.installId,
      expectedVersion: current.version,
      document: { ...current, mode: "observe" },
      actor: "holdfast",
    });
    if (saved.kind === "saved") {
      logger.warn({ shop: turn.install.shop, reason, version: saved.settings.version }, "protection was switched off");
      return;
    }
  }
}
