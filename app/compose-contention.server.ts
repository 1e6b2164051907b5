// The contention's part of the composition: an ear at each port through which somebody waits for an item. It only listens; nothing is decided by it.

import { createContentionBook } from "#app/adapters/prisma/contention.server.ts";
import type { ContentionCause } from "#app/domain/contention.ts";
import { type ContentionRecorder, createContentionRecorder } from "#app/pipeline/record-contention.server.ts";
import { stockOfResource } from "#app/pipeline/stock-key.ts";
import type { ChangeLedger } from "#app/ports/change-ledger.ts";
import type { Clock } from "#app/ports/clock.ts";
import type { Database } from "#app/ports/database.ts";
import { type Hold, type Lock, type LockKey, LockLostError, type LockPurpose } from "#app/ports/lock.ts";
import type { DriftBook } from "#app/ports/stock-scan.ts";
import type { Logger } from "#app/ports/telemetry.ts";
import type { BlockWatch } from "#app/reservations/watch-blocks.server.ts";
import type { DecoratePort } from "#app/steps.ts";

type TakenLock = Pick<Lock, "acquire" | "tryAcquireFree">;

interface ContentionParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly decorate: DecoratePort;
}

export function composeContention({ database, clock, logger, decorate }: ContentionParts) {
  const recorder = createContentionRecorder({ book: decorate("contention", createContentionBook(database)), clock, logger });
  return {
    recorder,
    hearLock: (lock: TakenLock) => hearLock(lock, recorder),
    hearClaims: <Books extends { readonly ledger: ChangeLedger }>(books: Books) => ({ ...books, ledger: hearClaims(books.ledger, recorder) }),
    hearBuyers: <Ports extends { readonly watch: BlockWatch }>(ports: Ports) => ({ ...ports, watch: hearBuyers(ports.watch, recorder, clock) }),
    hearLooks: <Ports extends { readonly drifts: DriftBook }>(ports: Ports) => ({ ...ports, drifts: hearLooks(ports.drifts, recorder) }),
  };
}

/** A token is no item: its purpose never reaches a note. */
const CAUSES: Readonly<Record<LockPurpose, ContentionCause>> = { turn: "orders", token: "orders", reservation: "reservations", reconciliation: "reconciliation", person: "person" };

/** Which items were locked by somebody else, and which leases were lost. */
function hearLock(lock: TakenLock, recorder: ContentionRecorder): TakenLock {
  const hearLoss = (hold: Hold, purpose: LockPurpose): void => {
    hold.signal.addEventListener("abort", () => noteLoss(recorder, hold, purpose), { once: true });
  };
  return {
    async acquire(request) {
      const answer = await lock.acquire(request);
      if (answer.kind === "acquired") hearLoss(answer.hold, request.purpose);
      return answer;
    },
    async tryAcquireFree(request) {
      const answer = await lock.tryAcquireFree(request);
      if (answer.kind === "acquired") hearLoss(answer.hold, request.purpose);
      if (answer.kind !== "unavailable") for (const [shop, places] of byShop(answer.busy)) recorder.busy(shop, places);
      return answer;
    },
  };
}

function noteLoss(recorder: ContentionRecorder, hold: Hold, purpose: LockPurpose): void {
  const reason: unknown = hold.signal.reason;
  const keys = reason instanceof LockLostError && reason.loss.kind === "taken" ? reason.loss.keys : hold.keys;
  for (const [shop, places] of byShop(keys)) recorder.lost({ shop }, CAUSES[purpose], places);
}

function byShop(keys: readonly LockKey[]) {
  const items = keys.flatMap(({ shop, resource }) => {
    const place = stockOfResource(resource);
    return place === null ? [] : [{ shop, place }];
  });
  return [...Map.groupBy(items, ({ shop }) => shop)].map(([shop, some]) => [shop, some.map(({ place }) => place)] as const);
}

/** Which calls were claimed: the ledger knows what of them had waited. */
function hearClaims(ledger: ChangeLedger, recorder: ContentionRecorder): ChangeLedger {
  return {
    ...ledger,
    async claim(request) {
      const result = await ledger.claim(request);
      if (result.kind === "claimed" && result.mutation.operation === "adjust") recorder.claimed(request.shop, result.mutation.mutationId, result.mutation.entries);
      return result;
    },
  };
}

/** How long buyers waited for units of a block to be put aside in Shopify. */
function hearBuyers(watch: BlockWatch, recorder: ContentionRecorder, clock: Pick<Clock, "monotonicMs">): BlockWatch {
  return {
    async wait(want, until) {
      const startedMs = clock.monotonicMs();
      const end = await watch.wait(want, until);
      recorder.waited({ installId: want.installId }, "reservations", want.lines, clock.monotonicMs() - startedMs);
      return end;
    },
    get waitingCount() {
      return watch.waitingCount;
    },
  };
}

/** Which items were in motion when they were to be compared with Shopify: they are looked at again after `laterMs`. */
function hearLooks(drifts: DriftBook, recorder: ContentionRecorder): DriftBook {
  return {
    ...drifts,
    async record(request) {
      const recorded = await drifts.record(request);
      if (request.later.length > 0) recorder.waited({ installId: request.installId }, "reconciliation", request.later, request.laterMs);
      return recorded;
    },
  };
}
