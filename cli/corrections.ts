// Mismatches and overwritten stock for the operator: listed, corrected, left as they are, undone.

import { listDrifts, DRIFT_STATES } from "#app/dashboard/queries/list-drifts.server.ts";
import { readRowId } from "#app/dashboard/queries/row-id.ts";
import { representDrift } from "#app/api/drift-endpoint.server.ts";
import { CORRECTION_REFUSAL_TERMS } from "#app/dashboard/terms.ts";
import type { CorrectionAct, CorrectionSubject } from "#app/ports/corrections.ts";
import { correctStock } from "#app/reconcile/correct-stock.server.ts";
import { type Command, type CommandAnswer, type CommandContext, installOf } from "./command.ts";
import { readChoice, readPage } from "./selection.ts";

const ACTOR = "operator";
export const driftList: Command = {
  does: "lists stock mismatches, newest first",
  options: "--shop S [--state open|explained|corrected|dismissed|gone|all] [--limit N] [--cursor C]",
  async run(context) {
    const install = await installOf(context);
    const state = readChoice("state", context.options.state, DRIFT_STATES) ?? "open";
    const page = await listDrifts(context.composed.database, { installId: install.installId, filter: { state }, page: readPage(context.options) });
    const items = page.items.map(representDrift);
    const lines = page.items.map((row) => `${row.id}  ${row.sku ?? row.inventoryItemId}  Shopify ${row.shopify ?? "-"}, known ${row.known ?? "-"}  ${row.explanation.replaceAll("_", " ")}  ${row.proposedDelta === null ? "nothing proposed" : `proposed ${row.proposedDelta}`}  ${row.state}`);
    return { ok: true, value: { items, nextCursor: page.olderCursor }, text: [...lines, ...(page.olderCursor === null ? [] : [`more: --cursor ${page.olderCursor}`])].join("\n") || "none" };
  },
};

export const driftCorrect = command("drift", "correct", "sends the correction that a mismatch proposes");
export const driftDismiss = command("drift", "dismiss", "leaves a mismatch as it is");
export const driftUndo = command("drift", "undo", "takes a correction back, once");
export const conflictsRepair = command("conflict", "correct", "takes again what an overwrite put back");
export const conflictsDismiss = command("conflict", "dismiss", "leaves an overwrite as it is");
export const conflictsUndo = command("conflict", "undo", "takes the repair of an overwrite back, once");

function command(kind: CorrectionSubject["kind"], act: CorrectionAct, does: string): Command {
  return { does, options: "--shop S --id I --reason T [--dry-run]", run: (context) => decide(context, kind, act) };
}

async function decide(context: CommandContext, kind: CorrectionSubject["kind"], act: CorrectionAct): Promise<CommandAnswer> {
  const { composed, options } = context;
  const install = await installOf(context);
  const id = readRowId(options.id ?? "");
  if (id === null || options.ids.length !== 1) throw new Error("--id <id> is missing, or is no id");
  const answer = await correctStock(composed.reconcile, { install, subject: { kind, id }, act, actor: ACTOR, note: options.reason ?? "", dryRun: options.dryRun });
  switch (answer.kind) {
    case "done": {
      const { correction, changeId } = answer;
      const value = { subject: kind, id: String(id), act, dryRun: options.dryRun, correction, changeId: changeId === null ? null : String(changeId) };
      if (!correction) return { ok: true, value, text: options.dryRun ? "would be left as it is" : "left as it is" };
      const numbers = `${correction.delta > 0 ? "+" : ""}${correction.delta} for item ${correction.inventoryItemId} at ${correction.locationId}: ${correction.standing ?? "?"} becomes ${correction.expected ?? "?"}`;
      return { ok: true, value, text: options.dryRun ? `would be sent: ${numbers}` : `change ${changeId}: ${numbers}` };
    }
    case "refused":
      return { ok: false, value: { subject: kind, id: String(id), act, refused: answer.refusal }, text: `not done: ${CORRECTION_REFUSAL_TERMS[answer.refusal]}` };
    case "not_installed":
      throw new Error(`Holdfast is no longer installed in ${install.shop}`);
    default:
      throw new Error("--reason <text> is wanted: at most 500 characters; it goes to the audit trail");
  }
}
