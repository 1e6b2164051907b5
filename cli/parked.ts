// What waits for a person, and what the operator does about it: list, retry, discard, resolve.

import { listParked, type ParkedRow } from "#app/dashboard/queries/list-parked.server.ts";
import { plural } from "#app/dashboard/formatting.ts";
import { ACT_REFUSAL_TERMS, REVIEW_ACT_TERMS, REVIEW_REASON_TERMS } from "#app/dashboard/terms.ts";
import { representParked } from "#app/api/representations.ts";
import { type ActRefusal, REVIEW_REASONS, type ReviewAct } from "#app/domain/review.ts";
import { actOnChanges } from "#app/review/act-on-changes.server.ts";
import { type Command, type CommandAnswer, type CommandContext, installOf } from "./command.ts";
import { readChoice, readPage, selectedIds, Totals } from "./selection.ts";

const ACTOR = "operator";
const REASON_WANTED = "--reason \"why\" is missing (at most 500 characters); it goes to the audit trail, so name no customers";

export const parkedList: Command = {
  does: "lists changes that wait for a person, newest first, with what may be done",
  options: "--shop S [--why CODE] [--limit N] [--cursor C]",
  async run(context) {
    const { composed, options } = context;
    const install = await installOf(context);
    const page = await listParked(sourcesOf(composed), { installId: install.installId, filter: filterOf(context), page: readPage(options) });
    const lines = page.items.map(toLine);
    if (page.olderCursor !== null) lines.push(`more: --cursor ${page.olderCursor}`);
    return { ok: true, value: { items: page.items.map(representParked), nextCursor: page.olderCursor }, text: lines.join("\n") || "nothing is parked" };
  },
};

export const parkedRetry: Command = {
  does: "sends refused changes once more, reads orders with a question anew",
  options: "--shop S (--id I … | --why CODE | --all) [--reason T] [--dry-run]",
  run: (context) => act(context, "retry"),
};

export const parkedDiscard: Command = {
  does: "ends changes for good: no stock is changed for them",
  options: "--shop S (--id I … | --why CODE | --all) --reason T [--dry-run]",
  run: (context) => act(context, "discard"),
};

export const parkedResolve: Command = {
  does: "says of an unknown outcome what it was, for everything sent in the same call",
  options: "--shop S (--id I … | --why CODE | --all) --applied|--not-applied --reason T [--dry-run]",
  run(context) {
    const { applied, notApplied } = context.options;
    if (applied === notApplied) throw new Error("say which: --applied or --not-applied");
    return act(context, applied ? "resolve_applied" : "resolve_not_applied");
  },
};

async function act(context: CommandContext, what: ReviewAct): Promise<CommandAnswer> {
  const { composed, options } = context;
  const install = await installOf(context);
  const filter = filterOf(context);
  const list = (page: Parameters<typeof listParked>[1]["page"]) => listParked(sourcesOf(composed), { installId: install.installId, filter, page });
  const totals = new Totals<ActRefusal | "not_found">();
  let changedCount = 0;
  for await (const changeIds of selectedIds(options, filter.reviewReason !== undefined, list)) {
    const answer = await actOnChanges(composed.review, { install, act: what, changeIds, actor: ACTOR, note: options.reason ?? "", dryRun: options.dryRun });
    if (answer.kind === "not_installed") throw new Error(`Holdfast is no longer installed in ${install.shop}`);
    if (answer.kind !== "acted") throw new Error(REASON_WANTED);
    changedCount += answer.changedCount;
    totals.add(answer.doneIds, answer.refused);
  }
  const refused = totals.refused.map(({ code, ids }) => ({ code, message: ACT_REFUSAL_TERMS[code], ids }));
  const counted = `${plural(totals.doneIds.length, "change")} ${options.dryRun ? "would be " : ""}${REVIEW_ACT_TERMS[what].done}`;
  const others = changedCount > totals.doneIds.length ? `; with what went in the same calls ${changedCount}` : "";
  const lines = [`${counted}${others}`, ...refused.map(({ message, ids }) => `not done: ${plural(ids.length, "change")} ${message}: ${ids.join(" ")}`)];
  return { ok: refused.length === 0, value: { act: what, dryRun: options.dryRun, doneIds: totals.doneIds, changedCount, refused }, text: lines.join("\n") };
}

function sourcesOf({ database, review }: CommandContext["composed"]) {
  return { database, desk: review.desk };
}

function filterOf({ options }: CommandContext) {
  const reviewReason = readChoice("why", options.why, REVIEW_REASONS);
  return { states: ["parked" as const], ...(reviewReason === undefined ? {} : { reviewReason }) };
}

function toLine(row: ParkedRow): string {
  const shared = row.sharedCount > 1 ? `, one of ${row.sharedCount} in its call` : "";
  const code = row.reason ?? row.reviewReason;
  return `${row.id}  ${row.orderName ?? "-"}  ${row.sku ?? "-"}  ${row.delta}  ${REVIEW_REASON_TERMS[row.reviewReason].label} (${code}${shared})  may: ${row.allowedActs.join(", ") || "nothing now"}`;
}
