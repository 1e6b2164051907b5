// After the storm: waits, within a limit, until nothing is on its way and nothing is open in the ledger; what is still open is told.
import type { Pool } from "pg";
import type { Simulator } from "#simulator/start.ts";

const LIMIT_MS = 45_000;
const LOOK_EVERY_MS = 100;
/** So long webhooks that wait for Shopify's next retry are left to its own clock; then the clock is moved on. */
const RETRIES_WAIT_MS = 1_500;

const OPEN = `
SELECT 'pending delivery ' || id || ' ' || topic AS what FROM deliveries WHERE state = 'pending'
UNION ALL SELECT 'order ' || order_id || ' ' || state || coalesce(' ' || state_reason, '') FROM orders WHERE state <> 'settled'
UNION ALL SELECT 'change ' || id || ' ' || state FROM changes WHERE state IN ('waiting', 'claimed')
UNION ALL SELECT 'call ' || key::text || ' open, again at ' || resend_at FROM mutations WHERE state = 'open'
LIMIT 50`;

/** Empty when the house came to rest. */
export async function comeToRest(pool: Pool, simulator: Simulator): Promise<readonly string[]> {
  const startedMs = Date.now();
  let skipping = false;
  let restedBefore = false;
  for (;;) {
    const { pending, inFlight } = simulator.control.webhookCounters();
    const passedMs = Date.now() - startedMs;
    if (pending > 0 && !skipping && passedMs > RETRIES_WAIT_MS) {
      skipping = true;
      void simulator.control.drainWebhooks({ skipAhead: true }).then(() => {
        skipping = false;
      });
    }
    const webhooks = pending + inFlight;
    const open = [...(webhooks > 0 ? [`${webhooks} webhooks`] : []), ...(await pool.query<{ what: string }>(OPEN)).rows.map(({ what }) => what)];
    // Seen twice: what was between two looks shows in the second.
    if (open.length === 0 && restedBefore) return [];
    restedBefore = open.length === 0;
    if (passedMs > LIMIT_MS) return open;
    await new Promise((passed) => setTimeout(passed, LOOK_EVERY_MS));
  }
}
