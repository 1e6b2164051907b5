// Whether the set-up guide is shown, and its dismissal.

import type { Database } from "#app/ports/database.ts";

export async function isSetupGuideDismissed(database: Database, installId: bigint): Promise<boolean> {
  const rows = await database.query<{ dismissed: boolean }>("SELECT setup_guide_dismissed_at IS NOT NULL AS dismissed FROM installs WHERE id = $1", installId);
  return rows[0]?.dismissed ?? false;
}

export async function setSetupGuideDismissed(database: Database, installId: bigint, dismissed: boolean): Promise<void> {
  await database.execute("UPDATE installs SET setup_guide_dismissed_at = CASE WHEN $2 THEN now() END WHERE id = $1", installId, dismissed);
}
