// What the review page shows beside changes: pushes that the external stock system did not take, alerts that no channel took, and their second try.

import { actOnPushes } from "#app/external/act-on-pushes.server.ts";
import { type AlertDesk, type AlertRetryOutcome } from "#app/ports/alert-outbox.ts";
import type { ExternalDesk, PushActRefusal } from "#app/ports/external-pushes.ts";

import type { ActiveInstall, DashboardDependencies } from "./dependencies.ts";
import { stockName } from "./hold-view.ts";
import { PAGE_ROWS } from "./page-request.ts";
import { listExternalPushes } from "./queries/list-external-pushes.server.ts";
import { readRowId } from "./queries/row-id.ts";
import type { StepAnswer } from "./stepwise.ts";

export interface UndeliveredPorts {
  readonly pushes: Pick<ExternalDesk, "act">;
  readonly alertDesk: AlertDesk;
  readonly logger: { error(fields: object, message: string): void };
}

export interface ParkedPush {
  readonly id: string;
  readonly changeId: string;
  readonly item: string;
  readonly delta: number;
  readonly orderName: string | null;
  readonly reason: string | null;
  readonly attemptCount: number;
  readonly lastAttemptAt: Date | null;
  readonly createdAt: Date;
}

export interface FailedAlert {
  readonly id: string;
  readonly kind: Awaited<ReturnType<AlertDesk["list"]>>[number]["kind"];
  readonly channelKind: string;
  readonly target: string;
  readonly lastError: string | null;
  readonly attemptCount: number;
  readonly endedAt: Date | null;
  readonly createdAt: Date;
}

export interface UndeliveredPage {
  /** The newest of each; the others come up as these are dealt with. */
  readonly pushes: readonly ParkedPush[];
  readonly morePushes: boolean;
  readonly alerts: readonly FailedAlert[];
  readonly moreAlerts: boolean;
}

export async function loadUndelivered({ database }: Pick<DashboardDependencies, "database">, { alertDesk }: Pick<UndeliveredPorts, "alertDesk">, install: ActiveInstall): Promise<UndeliveredPage> {
  const [pushes, alerts] = await Promise.all([
    listExternalPushes(database, { installId: install.installId, state: "parked", page: { direction: "newest", limit: PAGE_ROWS } }),
    alertDesk.list(install.installId, { state: "failed", beforeId: null, limit: PAGE_ROWS + 1 }),
  ]);
  return {
    pushes: pushes.items.map(({ id, changeId, inventoryItemId, sku, delta, orderName, reason, attemptCount, lastAttemptAt, createdAt }) => ({
      id: String(id),
      changeId: String(changeId),
      item: stockName({ title: null, sku, inventoryItemId }),
      delta,
      orderName,
      reason,
      attemptCount,
      lastAttemptAt,
      createdAt,
    })),
    morePushes: pushes.olderCursor !== null,
    alerts: alerts.slice(0, PAGE_ROWS).map(({ id, kind, channelKind, target, lastError, attemptCount, endedAt, createdAt }) => ({ id: String(id), kind, channelKind, target, lastError, attemptCount, endedAt, createdAt })),
    moreAlerts: alerts.length > PAGE_ROWS,
  };
}

export type UndeliveredRefusal = PushActRefusal | Exclude<AlertRetryOutcome, "done">;

/** `form`: `what` (`push` or `alert`), `ids` (comma-separated, at most a page's), for pushes `act` (`retry` or `skip`) and `note`. */
export async function actOnUndelivered(
  ports: UndeliveredPorts,
  { install, actor }: { readonly install: Pick<ActiveInstall, "installId" | "shop">; readonly actor: string },
  form: FormData,
): Promise<StepAnswer<UndeliveredRefusal>> {
  const text = (name: string) => {
    const value = form.get(name);
    return typeof value === "string" ? value : "";
  };
  const read = text("ids").split(",").map((id) => readRowId(id));
  const ids = read.filter((id) => id !== null);
  if (ids.length !== read.length || ids.length > PAGE_ROWS) return { kind: "not_understood" };
  try {
    if (text("what") === "alert") return tallyAlerts(await ports.alertDesk.retry(install.installId, ids, false));
    const act = (["retry", "skip"] as const).find((one) => one === text("act"));
    if (text("what") !== "push" || act === undefined) return { kind: "not_understood" };
    const answer = await actOnPushes(ports.pushes, { installId: install.installId, pushIds: ids, act, actor, note: text("note"), dryRun: false });
    if (answer.kind !== "acted") return answer;
    return acted(answer.doneIds.length, answer.refused.map(({ refusal }) => refusal));
  } catch (error) {
    ports.logger.error({ err: error, shop: install.shop }, "an act on what was not delivered failed");
    return { kind: "failed" };
  }
}

function tallyAlerts(outcomes: ReadonlyMap<bigint, AlertRetryOutcome>): StepAnswer<UndeliveredRefusal> {
  const refusals = [...outcomes.values()].filter((outcome) => outcome !== "done");
  return acted(outcomes.size - refusals.length, refusals);
}

function acted(doneCount: number, refusals: readonly UndeliveredRefusal[]): StepAnswer<UndeliveredRefusal> {
  const counts = new Map<UndeliveredRefusal, number>();
  for (const refusal of refusals) counts.set(refusal, (counts.get(refusal) ?? 0) + 1);
  return { kind: "acted", doneCount, changedCount: doneCount, refused: [...counts].map(([refusal, count]) => ({ refusal, count })), next: null };
}
