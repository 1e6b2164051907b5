// Before a command runs: its first connection to Redis. Web and worker start without one and find it later; a command asks once.

import { answerWithin } from "#app/adapters/redis/wakeable-wait.ts";
import type { Composition } from "#app/composition.server.ts";

/** On a busy machine connecting takes longer than PostgreSQL's first answer. A command that still finds no Redis says so itself. */
const LIMIT_MS = 2_000;

export async function untilConnected({ redis, clock }: { readonly redis: Pick<Composition["redis"], "connected">; readonly clock: Composition["clock"] }): Promise<void> {
  await answerWithin(clock, redis.connected(), LIMIT_MS).answer;
}
