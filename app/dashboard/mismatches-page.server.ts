// Everything the pages of stock mismatches show for one address, put together from their read models for one moment.

import { type CorrectionView, toCorrectionView } from "./correction-acts.server.ts";
import type { ActiveInstall, DashboardDependencies } from "./dependencies.ts";
import { stockName } from "./hold-view.ts";
import { type MismatchEvidence, readEvidence, readMismatchView } from "./mismatch-view.ts";
import { readItem } from "./overwritten-page.server.ts";
import { readPageRequest } from "./page-request.ts";
import type { MismatchView } from "./problem-terms.ts";
import { type ChangeOfCall, readChangesOfCall, readCorrection } from "./queries/correction-standing.server.ts";
import { type DriftRow, findDrift, listDrifts } from "./queries/list-drifts.server.ts";
import { type MismatchNumbers, readMismatchNumbers } from "./queries/problem-numbers.server.ts";
import { readRowId } from "./queries/row-id.ts";
import { readScanStanding, type ScanStanding } from "./queries/scan-standing.server.ts";
import { readStockOverTime, type StockPoint } from "./queries/stock-over-time.server.ts";
import { drawStockPicture, type StockPicture } from "./stock-picture.server.ts";

type Dependencies = Pick<DashboardDependencies, "database" | "clock" | "settingsStore">;

const HOUR_MS = 3_600_000;
/** A comparison may find what happened since the one of the day before. */
const PICTURE_BACK_MS = 26 * HOUR_MS;
const PICTURE_MARGIN_MS = HOUR_MS / 2;

export interface MismatchItem extends Pick<DriftRow, "state" | "inventoryItemId" | "sku" | "foundAt" | "shopify" | "known" | "difference" | "explanation" | "proposedDelta"> {
  readonly id: string;
  readonly item: string;
  readonly location: string;
}

export interface MismatchesPage {
  readonly nowMs: number;
  readonly timeZone: string;
  readonly view: MismatchView;
  readonly onlyItem: string | null;
  readonly numbers: MismatchNumbers;
  readonly scans: ScanStanding;
  readonly rows: readonly MismatchItem[];
  readonly olderCursor: string | null;
  readonly newerCursor: string | null;
}

export async function loadMismatchesPage({ database, clock }: Pick<Dependencies, "database" | "clock">, install: ActiveInstall, timeZone: string, query: URLSearchParams): Promise<MismatchesPage> {
  const view = readMismatchView(query.get("show"));
  const onlyItem = readItem(query);
  const filter = { state: view, ...(onlyItem === null ? {} : { inventoryItemId: onlyItem }) };
  const [numbers, scans, page] = await Promise.all([
    readMismatchNumbers(database, install.installId),
    readScanStanding(database, install.installId),
    listDrifts(database, { installId: install.installId, filter, page: readPageRequest(query) }),
  ]);
  return { nowMs: clock.now().getTime(), timeZone, view, onlyItem, numbers, scans, rows: page.items.map(toItem), olderCursor: page.olderCursor, newerCursor: page.newerCursor };
}

function toItem(row: DriftRow): MismatchItem {
  const { id, state, inventoryItemId, locationId, locationName, sku, foundAt, shopify, known, difference, explanation, proposedDelta } = row;
  return { id: String(id), item: stockName(row), location: locationName ?? `Location ${locationId}`, state, inventoryItemId, sku, foundAt, shopify, known, difference, explanation, proposedDelta };
}

export interface MismatchDetail {
  readonly nowMs: number;
  readonly timeZone: string;
  readonly mode: "observe" | "enforce";
  readonly mismatch: MismatchItem & Pick<DriftRow, "locationId" | "endedAt" | "endedBy" | "note" | "proposedBecause"> & { readonly ofScan: boolean };
  readonly evidence: MismatchEvidence;
  /** The last time the known number was seen before; null where that is no longer on record. */
  readonly knownSince: { readonly at: Date; readonly seenBy: string } | null;
  /** Of the call in doubt, at this stock. */
  readonly callChanges: readonly (Omit<ChangeOfCall, "id"> & { readonly id: string })[];
  readonly decided: CorrectionView;
  readonly picture: StockPicture | null;
}

/** Null when the install has none of this id. */
export async function loadMismatch({ database, clock, settingsStore }: Dependencies, install: ActiveInstall, timeZone: string, idText: string | undefined): Promise<MismatchDetail | null> {
  const { installId } = install;
  const id = readRowId(idText);
  const row = id === null ? null : await findDrift(database, installId, id);
  if (row === null) return null;
  const now = clock.now();
  const { inventoryItemId, locationId, foundAt } = row;
  const place = { installId, inventoryItemId, locationId };
  const evidence = readEvidence(row.evidence);
  const [settings, standing, seen, callChanges] = await Promise.all([
    settingsStore.current(installId),
    readCorrection(database, install, { kind: "drift", id: row.id }),
    readStockOverTime(database, { ...place, ...spanOf(foundAt, evidence, now) }),
    evidence.call === null || !UUID.test(evidence.call.mutationId) ? [] : readChangesOfCall(database, installId, { ...place, mutationId: evidence.call.mutationId }),
  ]);
  const { endedAt, endedBy, note, proposedBecause, scanId } = row;
  return {
    nowMs: now.getTime(),
    timeZone,
    mode: settings.mode,
    mismatch: { ...toItem(row), locationId, endedAt, endedBy, note, proposedBecause, ofScan: scanId !== null },
    evidence,
    knownSince: knownSince(row, seen.points),
    callChanges: callChanges.map((change) => ({ ...change, id: String(change.id) })),
    decided: toCorrectionView(standing),
    picture: drawStockPicture(seen, {
      timeZone,
      marks: [...(evidence.call?.firstSentAt ? [{ at: evidence.call.firstSentAt, label: "sent" }] : []), { at: foundAt, label: "found", bad: true }],
    }),
  };
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function spanOf(foundAt: Date, { call, lastChangedAt }: MismatchEvidence, now: Date): { readonly from: Date; readonly until: Date } {
  const firstMs = call?.before?.at?.getTime() ?? lastChangedAt?.getTime() ?? foundAt.getTime() - PICTURE_MARGIN_MS;
  const from = Math.max(firstMs - PICTURE_MARGIN_MS, foundAt.getTime() - PICTURE_BACK_MS);
  const until = Math.max(foundAt.getTime() + HOUR_MS / 60, Math.min(foundAt.getTime() + PICTURE_MARGIN_MS, now.getTime()));
  return { from: new Date(Math.min(from, foundAt.getTime() - PICTURE_MARGIN_MS)), until: new Date(until) };
}

/** The comparison itself observed Shopify's number: what was known is what was seen before that. */
function knownSince({ known, shopify, foundAt }: DriftRow, points: readonly StockPoint[]): MismatchDetail["knownSince"] {
  if (known === null || known === shopify) return null;
  const point = points.findLast(({ at, available }) => at <= foundAt && available === known);
  return point === undefined ? null : { at: point.at, seenBy: point.seenBy };
}
