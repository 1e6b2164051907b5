// Looks at what a running Holdfast needs and says, line by line, what is wrong and how to mend it.

import { join } from "node:path";

import { readBacklog, readDeliveryLagSeconds } from "#app/adapters/prisma/backlog.server.ts";
import type { RedisReadiness } from "#app/adapters/redis/connect.ts";
import type { Command, CommandContext } from "./command.ts";
import { checkProject } from "./manifest/read-project.ts";

interface Finding {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
}

export const doctor: Command = {
  does: "checks configuration, PostgreSQL, migrations, Redis, queue, backlog and the files that Shopify reads",
  options: "",
  async run({ composed }) {
    const findings = [
      await checkDatabase(composed),
      await checkMigrations(composed),
      await checkDurability(composed),
      await checkRedis(composed),
      ...(await checkLockServers(composed)),
      await checkQueue(composed),
      await checkBacklog(composed),
      checkOverride(composed),
      ...(await checkManifests(composed)),
    ];
    const ok = findings.every((finding) => finding.ok);
    return { ok, value: { ok, findings }, text: findings.map(({ ok: fine, name, detail }) => `${fine ? "ok   " : "WRONG"}  ${name}: ${detail}`).join("\n") };
  },
};

type Composed = CommandContext["composed"];

async function check(name: string, look: () => Promise<{ ok: boolean; detail: string }>): Promise<Finding> {
  try {
    return { name, ...(await look()) };
  } catch (error) {
    return { name, ok: false, detail: error instanceof Error ? (error.message.split("\n").at(-1) ?? error.message) : String(error) };
  }
}

function checkDatabase({ database }: Composed): Promise<Finding> {
  return check("PostgreSQL", async () => {
    const [row] = await database.query<{ version: string }>(`SELECT current_setting('server_version') AS version`);
    const major = Number.parseInt(row?.version ?? "0", 10);
    return { ok: major >= 15, detail: major >= 15 ? `version ${row?.version}` : `version ${row?.version} is too old; 15 or newer is needed` };
  });
}

function checkMigrations({ database }: Composed): Promise<Finding> {
  return check("migrations", async () => {
    const [row] = await database.query<{ applied: number; failed: number }>(
      `SELECT count(*) FILTER (WHERE finished_at IS NOT NULL)::int AS applied, count(*) FILTER (WHERE finished_at IS NULL AND rolled_back_at IS NULL)::int AS failed FROM _prisma_migrations`,
    );
    const ok = (row?.applied ?? 0) > 0 && row?.failed === 0;
    return { ok, detail: ok ? `${row?.applied} applied` : "run `npm run setup`" };
  });
}

/** A webhook that was answered must survive a power cut. */
function checkDurability({ database }: Composed): Promise<Finding> {
  return check("durability", async () => {
    const [row] = await database.query<{ fsync: string; commit: string }>(
      `SELECT current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS commit`,
    );
    const ok = row?.fsync === "on" && row.commit !== "off";
    return { ok, detail: `fsync ${row?.fsync}, synchronous_commit ${row?.commit}${ok ? "" : "; switch both on in production"}` };
  });
}

function checkRedis({ redis }: Composed): Promise<Finding> {
  return check("Redis", async () => describeRedis(await redis.ready(), { variable: "REDIS_URL", whyNoEviction: "BullMQ needs noeviction" }));
}

/** One line for each server of the quorum: that a majority hides the loss of one is no reason not to mend it. */
async function checkLockServers({ lockServers }: Composed): Promise<Finding[]> {
  const expectation = { variable: "LOCK_REDIS_URLS", whyNoEviction: "locks need noeviction" };
  return (await lockServers.check()).map(({ address, readiness }) => ({ name: `lock server ${address}`, ...describeRedis(readiness, expectation) }));
}

function describeRedis(readiness: RedisReadiness, expected: { variable: string; whyNoEviction: string }): { ok: boolean; detail: string } {
  if (readiness.kind === "unavailable") return { ok: false, detail: `${readiness.cause.message}; is ${expected.variable} right and the server running?` };
  if (readiness.kind === "unsupported") return { ok: false, detail: `version ${readiness.version} is too old; 6.2 or newer is needed` };
  const ok = readiness.evictionPolicy === "noeviction";
  return { ok, detail: `version ${readiness.version}, maxmemory-policy ${readiness.evictionPolicy}${ok ? "" : `; ${expected.whyNoEviction}`}` };
}

function checkQueue({ waker }: Composed): Promise<Finding> {
  return check("queue", async () => {
    const depth = await waker.depth();
    return { ok: true, detail: `${depth.waiting} turns waiting, ${depth.active} running, ${depth.delayed} later` };
  });
}

const LAG_SECONDS_MAX = 60;

function checkBacklog({ database }: Composed): Promise<Finding> {
  return check("backlog", async () => {
    const [lagSeconds, { pendingCount, parkedCount }] = await Promise.all([readDeliveryLagSeconds(database), readBacklog(database)]);
    const ok = lagSeconds < LAG_SECONDS_MAX;
    const detail = `${pendingCount} notifications pending, the oldest for ${Math.round(lagSeconds)} s; ${parkedCount} changes need review`;
    return { ok, detail: ok ? detail : `${detail}; is a worker running?` };
  });
}

function checkOverride({ config }: Composed): Finding {
  const origin = config.shopify.originOverride;
  return { name: "Shopify", ok: true, detail: origin === null ? "requests go to Shopify" : `requests go to ${origin} instead of Shopify` };
}

/** The project's root: a server may have been deployed without the manifests. */
const ROOT = join(import.meta.dirname, "..");

async function checkManifests({ config: { shopify } }: Composed): Promise<Finding[]> {
  const checked = await checkProject(ROOT, { apiKey: shopify.apiKey, appUrl: shopify.appUrl });
  return checked.map(({ file, faults, placeholder }) => {
    const wrong = faults.map(({ at, message }) => `${at === "" ? "" : `${at}: `}${message}`).join("; ");
    return { name: file, ok: faults.length === 0, detail: wrong === "" ? (placeholder ? "not linked to an app of Shopify's yet: npm run config:link" : "what Shopify reads fits this version") : wrong };
  });
}
