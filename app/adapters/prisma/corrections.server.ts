// A person's decision on a mismatch or an overwritten stock, in one transaction: judged under its row's lock, the change and the audit entry together.

import type { AlertFacts } from "#app/domain/alert-event.ts";
import { NO_ALERT_FACTS } from "#app/domain/alert-event.ts";
import { assertNever } from "#app/domain/invariant.ts";
import type { Correction, CorrectionRefusal, CorrectionRequest, CorrectionResult, Corrections } from "#app/ports/corrections.ts";
import type { Database, SqlExecutor } from "#app/ports/database.ts";
import { raiseAlert } from "./raise-alert.ts";

export function createCorrections(database: Database): Corrections {
  return { act: (request) => database.transaction((tx) => act(tx, request)) };
}

interface Subject {
  readonly shop: string;
  readonly item: string;
  readonly location: string;
  readonly variant_id: string | null;
  readonly sku: string | null;
  readonly title: string | null;
  readonly state: string;
  /** What would set it right; null when nothing is proposed. */
  readonly delta: number | null;
  /** A foreign number after this is a recount. */
  readonly since: Date;
}

/** The state of one whose correction was sent. */
const CORRECTED = { drift: "corrected", conflict: "repaired" } as const;

const READ_SUBJECT = {
  drift: `SELECT shop, inventory_item_id AS item, location_id AS location, variant_id, sku, title, state, proposed_delta AS delta, found_at AS since FROM drifts WHERE install_id = $1 AND id = $2 FOR UPDATE`,
  conflict: `SELECT shop, inventory_item_id AS item, location_id AS location, variant_id, sku, title, state, -units_at_risk AS delta, at AS since FROM conflicts WHERE install_id = $1 AND id = $2 FOR UPDATE`,
} as const;

async function act(tx: SqlExecutor, request: CorrectionRequest): Promise<CorrectionResult> {
  const { installId, subject } = request;
  // The install before all else, as everybody takes it; with the mode that a claim would find.
  const [install] = await tx.query<{ mode: string | null }>(
    `SELECT (SELECT document->>'mode' FROM settings_versions WHERE install_id = installs.id ORDER BY version DESC LIMIT 1) AS mode FROM installs WHERE id = $1 AND state = 'active' FOR SHARE`,
    installId,
  );
  if (!install) return { kind: "not_installed" };
  const [row] = await tx.query<Subject>(READ_SUBJECT[subject.kind], installId, subject.id);
  if (!row) return { kind: "refused", refusal: "not_found" };
  const protecting = install.mode === "enforce";
  switch (request.act) {
    case "correct":
      return correct(tx, request, row, protecting);
    case "dismiss":
      return dismiss(tx, request, row);
    case "undo":
      return undo(tx, request, row, protecting);
    default:
      return assertNever(request.act);
  }
}

function refused(refusal: CorrectionRefusal): CorrectionResult {
  return { kind: "refused", refusal };
}

function keyOf({ subject }: CorrectionRequest): string {
  return `correction:${subject.kind}:${subject.id}`;
}

async function correct(tx: SqlExecutor, request: CorrectionRequest, row: Subject, protecting: boolean): Promise<CorrectionResult> {
  if (row.state === CORRECTED[request.subject.kind]) return refused("already_corrected");
  if (row.state !== "open") return refused("not_open");
  if (row.delta === null) return refused("no_proposal");
  if (!protecting) return refused("not_protecting");
  if (await wasRecounted(tx, request.installId, row, row.since)) return refused("recounted");
  const correction = await weigh(tx, request.installId, row, keyOf(request), row.delta);
  if (request.dryRun) return { kind: "done", correction, changeId: null };
  const changeId = await send(tx, request, row, correction, "correction_asked");
  // Its key is taken: it was corrected before, whatever became of the row.
  if (changeId === null) return refused("already_corrected");
  await end(tx, request, row, CORRECTED[request.subject.kind]);
  return { kind: "done", correction, changeId };
}

async function dismiss(tx: SqlExecutor, request: CorrectionRequest, row: Subject): Promise<CorrectionResult> {
  if (row.state !== "open") return refused("not_open");
  if (!request.dryRun) {
    await end(tx, request, row, "dismissed");
    await writeAudit(tx, request, row, `${request.subject.kind}_dismissed`, null, null);
  }
  return { kind: "done", correction: null, changeId: null };
}

/** Another change of the opposite sign, once, and only of what took effect. */
async function undo(tx: SqlExecutor, request: CorrectionRequest, row: Subject, protecting: boolean): Promise<CorrectionResult> {
  const [done] = await tx.query<{ state: string; delta: number; finished_at: Date | null; undone: boolean }>(
    `SELECT state, delta, finished_at, EXISTS (SELECT 1 FROM changes u WHERE u.shop = c.shop AND u.effect_key = $3) AS undone FROM changes c WHERE install_id = $1 AND shop = $4 AND effect_key = $2`,
    request.installId,
    keyOf(request),
    `${keyOf(request)}:undo:1`,
    row.shop,
  );
  if (done?.undone) return refused("already_undone");
  if (done?.state !== "applied") return refused("not_applied");
  if (!protecting) return refused("not_protecting");
  if (done.finished_at && (await wasRecounted(tx, request.installId, row, done.finished_at))) return refused("recounted");
  const correction = await weigh(tx, request.installId, row, `${keyOf(request)}:undo:1`, -done.delta);
  if (request.dryRun) return { kind: "done", correction, changeId: null };
  const changeId = await send(tx, request, row, correction, "correction_undone");
  if (changeId === null) return refused("already_undone");
  await end(tx, request, row, "dismissed");
  return { kind: "done", correction, changeId };
}

/** An overwrite is no count: who made it had not looked. */
async function wasRecounted(tx: SqlExecutor, installId: bigint, { item, location }: Subject, since: Date): Promise<boolean> {
  const rows = await tx.query(
    `SELECT 1 FROM stock_observations o WHERE o.install_id = $1 AND o.inventory_item_id = $2 AND o.location_id = $3 AND o.at > $4::timestamptz AND o.verdict = 'another_writer'
       AND NOT EXISTS (SELECT 1 FROM conflicts c WHERE c.install_id = $1 AND c.observation_id = o.id) LIMIT 1`,
    installId,
    item,
    location,
    since,
  );
  return rows.length > 0;
}

async function weigh(tx: SqlExecutor, installId: bigint, { item, location }: Subject, effectKey: string, delta: number): Promise<Correction> {
  const [level] = await tx.query<{ available: number | null }>(`SELECT available FROM stock_levels WHERE install_id = $1 AND inventory_item_id = $2 AND location_id = $3`, installId, item, location);
  const standing = level?.available ?? null;
  return { effectKey, inventoryItemId: item, locationId: location, delta, standing, expected: standing === null ? null : standing + delta };
}

/** A change like any other from here on: locked, claimed, sent under a key, booked. Null: there is one of this key. */
async function send(tx: SqlExecutor, request: CorrectionRequest, row: Subject, correction: Correction, kind: string): Promise<bigint | null> {
  const [change] = await tx.query<{ id: bigint }>(
    `INSERT INTO changes (install_id, shop, effect_key, cause, inventory_item_id, location_id, variant_id, sku, title, delta, state, trace_id, accepted_at)
     VALUES ($1, $2, $3, 'correction', $4, $5, $6, $7, $8, $9, 'waiting', $10, now()) ON CONFLICT (shop, effect_key) DO NOTHING RETURNING id`,
    request.installId,
    row.shop,
    correction.effectKey,
    row.item,
    row.location,
    row.variant_id,
    row.sku,
    row.title,
    correction.delta,
    request.traceId,
  );
  if (!change) return null;
  await writeAudit(tx, request, row, kind, change.id, correction);
  return change.id;
}

async function writeAudit(tx: SqlExecutor, request: CorrectionRequest, row: Subject, kind: string, changeId: bigint | null, correction: Correction | null): Promise<void> {
  const detail = { subject: request.subject.kind, id: String(request.subject.id), note: request.note, standing: correction?.standing ?? null, expected: correction?.expected ?? null };
  await tx.execute(
    `INSERT INTO audit_entries (install_id, shop, kind, actor, change_id, trace_id, inventory_item_id, location_id, quantity_name, delta, detail)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'available', $9, $10::jsonb)`,
    request.installId,
    row.shop,
    kind,
    request.actor,
    changeId,
    request.traceId,
    row.item,
    row.location,
    correction?.delta ?? null,
    JSON.stringify(detail),
  );
}

async function end(tx: SqlExecutor, { installId, subject, actor, note }: CorrectionRequest, row: Subject, state: string): Promise<void> {
  const table = subject.kind === "drift" ? "drifts" : "conflicts";
  await tx.execute(`UPDATE ${table} SET state = $3, ended_at = coalesce(ended_at, now()), ended_by = $4, note = $5 WHERE install_id = $1 AND id = $2`, installId, subject.id, state, actor, note);
  const facts: AlertFacts = { ...NO_ALERT_FACTS, title: row.title, variantId: row.variant_id, sku: row.sku, inventoryItemId: row.item, locationId: row.location, detail: { state } };
  await raiseAlert(tx, { installId, shop: row.shop, kind: subject.kind, subject: String(subject.id), stage: "closed", facts });
}
