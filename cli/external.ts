// The external stock system of a shop: the operator looks at what waits, retries or skips what stopped, and makes its secret.

import { representPush } from "#app/api/pushes-endpoint.server.ts";
import { listExternalPushes, type PushRow, readExternalStanding } from "#app/dashboard/queries/list-external-pushes.server.ts";
import { plural } from "#app/dashboard/formatting.ts";
import { PUSH_ACT_TERMS, PUSH_REFUSAL_TERMS } from "#app/dashboard/terms.ts";
import { actOnPushes } from "#app/external/act-on-pushes.server.ts";
import { PUSH_STATES, type PushActRefusal } from "#app/ports/external-pushes.ts";
import { type Command, type CommandAnswer, type CommandContext, installOf } from "./command.ts";
import { readChoice, readPage, selectedIds, Totals } from "./selection.ts";

const ACTOR = "operator";
/** Changes queued by one statement. */
const HISTORY_STEP = 1_000;

export const externalList: Command = {
  does: "lists pushes to the external stock system, newest first, and how it stands",
  options: `--shop S [--state ${PUSH_STATES.join("|")}] [--limit N] [--cursor C]`,
  async run(context) {
    const { composed, options } = context;
    const { installId } = await installOf(context);
    const [settings, standing, page] = await Promise.all([
      composed.settingsStore.current(installId),
      readExternalStanding(composed.database, installId),
      listExternalPushes(composed.database, { installId, state: readChoice("state", options.state, PUSH_STATES), page: readPage(options) }),
    ]);
    const { enabled = false, url = null } = settings.external ?? {};
    const head = [
      `${enabled ? "on" : "off"}, ${url ?? "no address"}, ${standing.secretSetAt === null ? "no secret: nothing is sent" : `secret of ${standing.secretSetAt.toISOString()}`}`,
      `${plural(standing.openItems, "item")} with changes to push, ${standing.blockedItems} of them behind a parked one`,
      ...(standing.pausedUntil === null ? [] : [`left in peace until ${standing.pausedUntil.toISOString()}: ${standing.pauseReason ?? "it failed"}`]),
    ];
    const more = page.olderCursor === null ? [] : [`more: --cursor ${page.olderCursor}`];
    const value = { enabled, url, ...standing, items: page.items.map(representPush), nextCursor: page.olderCursor };
    return { ok: true, value, text: [...head, ...page.items.map(toLine), ...more].join("\n") };
  },
};

export const externalRetry: Command = {
  does: "sends parked pushes once more, under the same keys",
  options: "--shop S (--id I … | --all) [--reason T] [--dry-run]",
  run: (context) => act(context, "retry"),
};

export const externalSkip: Command = {
  does: "passes parked pushes over for good: the external system is not told, later ones of the item go on",
  options: "--shop S (--id I … | --all) --reason T [--dry-run]",
  run: (context) => act(context, "skip"),
};

export const externalSecret: Command = {
  does: "makes the secret that pushes are signed with; it is shown once and replaces the one before",
  options: "--shop S [--dry-run]",
  async run(context) {
    const { installId, shop } = await installOf(context);
    if (context.options.dryRun) return { ok: true, value: { dryRun: true, shop }, text: `would make a new secret for ${shop}; the one before would stop at once` };
    const secret = await context.composed.external.desk.renewSecret({ installId, shop, actor: ACTOR });
    return { ok: true, value: { secret }, text: `${secret}\n(it is not shown again; the one before is not used any more)` };
  },
};

export const externalQueue: Command = {
  does: "queues applied changes from before the connection was on, oldest first; each once, however often it is asked for",
  options: "--shop S --from-start [--dry-run]",
  async run(context) {
    const { composed, options } = context;
    const { installId } = await installOf(context);
    if (!options.fromStart) throw new Error("say --from-start: every change that was applied and never queued will be pushed");
    if ((await composed.settingsStore.current(installId)).external?.enabled !== true) throw new Error("switch the connection on first (settings, external.enabled)");
    let queued = 0;
    for (let afterChangeId: bigint | null = 0n; afterChangeId !== null; ) {
      const step: { queuedCount: number; lastChangeId: bigint | null } = await composed.external.desk.queueHistory({ installId, afterChangeId, limit: HISTORY_STEP, dryRun: options.dryRun });
      queued += step.queuedCount;
      afterChangeId = step.lastChangeId;
    }
    return { ok: true, value: { dryRun: options.dryRun, queued }, text: `${plural(queued, "change")} ${options.dryRun ? "would be" : queued === 1 ? "was" : "were"} queued` };
  },
};

async function act(context: CommandContext, what: "retry" | "skip"): Promise<CommandAnswer> {
  const { composed, options } = context;
  const { installId } = await installOf(context);
  const list = (page: Parameters<typeof listExternalPushes>[1]["page"]) => listExternalPushes(composed.database, { installId, state: "parked", page });
  const totals = new Totals<PushActRefusal>();
  for await (const pushIds of selectedIds(options, false, list)) {
    const answer = await actOnPushes(composed.external.desk, { installId, pushIds, act: what, actor: ACTOR, note: options.reason ?? "", dryRun: options.dryRun });
    if (answer.kind !== "acted") throw new Error('--reason "why" is missing (at most 500 characters); it goes to the audit trail, so name no customers');
    totals.add(answer.doneIds, answer.refused.map(({ id, refusal }) => ({ refusal, ids: [id] })));
  }
  const refused = totals.refused.map(({ code, ids }) => ({ code, message: PUSH_REFUSAL_TERMS[code], ids }));
  const lines = [
    `${plural(totals.doneIds.length, "push", "pushes")} ${options.dryRun ? "would be" : "will be"} ${PUSH_ACT_TERMS[what].done}`,
    ...refused.map(({ message, ids }) => `not done: ${plural(ids.length, "push", "pushes")} ${message}: ${ids.join(" ")}`),
  ];
  return { ok: refused.length === 0, value: { act: what, dryRun: options.dryRun, doneIds: totals.doneIds, refused }, text: lines.join("\n") };
}

function toLine(row: PushRow): string {
  const reason = row.reason === null ? "" : `: ${row.reason}`;
  return `${row.id}  ${row.createdAt.toISOString()}  ${row.sku ?? row.inventoryItemId}  no. ${row.sequence}  ${row.delta}  ${row.orderName ?? "-"}  ${row.state}${reason}  tried ${row.attemptCount}`;
}
