// What a person does about an overwrite or a mismatch from the embedded app: looks at what a correction would send, sends it, takes it back, or leaves things as they are.

import type { CorrectionAct, CorrectionRefusal, CorrectionSubject } from "#app/ports/corrections.ts";
import type { StockScanBook } from "#app/ports/stock-scan.ts";
import { correctStock, type CorrectPorts } from "#app/reconcile/correct-stock.server.ts";

import type { ActiveInstall } from "./dependencies.ts";
import type { CorrectionStanding, SentCorrection } from "./queries/correction-standing.server.ts";
import { readRowId } from "./queries/row-id.ts";
import { type NotPermitted, refusedToPerson } from "./staff-permission.server.ts";

/** What is sent to Shopify, or would be. */
export interface CorrectionNumbers {
  readonly delta: number;
  /** `available` as last seen; null when it is not known. */
  readonly standing: number | null;
  readonly expected: number | null;
  readonly effectKey: string;
}

export type CorrectionActAnswer =
  /** Nothing was done: this is what would be sent. */
  | { readonly kind: "preview"; readonly act: "correct" | "undo"; readonly numbers: CorrectionNumbers }
  | { readonly kind: "done"; readonly act: CorrectionAct }
  | { readonly kind: "refused"; readonly refusal: CorrectionRefusal }
  | { readonly kind: "not_installed" | "note_missing" | "note_too_long" | "note_invalid" | "not_understood" | "failed" }
  | NotPermitted;

export interface CorrectionActPorts extends CorrectPorts {
  readonly logger: { error(fields: object, message: string): void };
}

export interface CorrectionActor {
  readonly install: Pick<ActiveInstall, "installId" | "shop">;
  readonly actor: string;
  mayChangeStock(): Promise<boolean>;
}

const ACTS: readonly CorrectionAct[] = ["correct", "undo", "dismiss"];

/** `form`: `act`; `note`; `preview` set when it is only asked what would be sent. */
export async function actOnCorrection(ports: CorrectionActPorts, context: CorrectionActor, kind: CorrectionSubject["kind"], idText: string | undefined, form: FormData): Promise<CorrectionActAnswer> {
  const text = (name: string) => {
    const value = form.get(name);
    return typeof value === "string" ? value : "";
  };
  const id = readRowId(idText);
  const act = ACTS.find((one) => one === text("act"));
  const preview = text("preview") !== "";
  if (id === null || act === undefined || (preview && act === "dismiss")) return { kind: "not_understood" };
  const { install, actor } = context;
  // Leaving things as they are closes what others may have wanted to correct: it is for those who may do that. Not within the try: what is
  // thrown here leads to a sign-in.
  const refused = await refusedToPerson(context);
  if (refused !== null) return refused;
  try {
    const answer = await correctStock(ports, { install, subject: { kind, id }, act, actor, note: text("note"), dryRun: preview });
    if (answer.kind !== "done") return answer;
    if (!preview || act === "dismiss") return { kind: "done", act };
    const { correction } = answer;
    if (correction === null) return { kind: "not_understood" };
    const { delta, standing, expected, effectKey } = correction;
    return { kind: "preview", act, numbers: { delta, standing, expected, effectKey } };
  } catch (error) {
    ports.logger.error({ err: error, shop: install.shop }, "a decision on a stock problem failed");
    return { kind: "failed" };
  }
}

export type CheckStockAnswer = { readonly kind: "asked" | "under_way" | "not_installed" | "failed" };

export interface CheckStockPorts {
  readonly scans: Pick<StockScanBook, "ask">;
  readonly logger: { error(fields: object, message: string): void };
}

/** Asks for a comparison of all stock; the worker makes it. It changes no stock, so everybody may ask. */
export async function askForCheck({ scans, logger }: CheckStockPorts, { install, actor }: Pick<CorrectionActor, "install" | "actor">): Promise<CheckStockAnswer> {
  try {
    const asked = await scans.ask({ installId: install.installId, requestedBy: actor });
    if (asked === null) return { kind: "not_installed" };
    return { kind: asked.isNew ? "asked" : "under_way" };
  } catch (error) {
    logger.error({ err: error, shop: install.shop }, "a comparison could not be asked for");
    return { kind: "failed" };
  }
}

export interface SentView extends Omit<SentCorrection, "changeId"> {
  readonly changeId: string;
}

export interface CorrectionView {
  readonly correction: SentView | null;
  readonly undoing: SentView | null;
  /** A correction took effect, and was not taken back. */
  readonly canUndo: boolean;
}

export function toCorrectionView({ correction, undoing }: CorrectionStanding): CorrectionView {
  return { correction: toSentView(correction), undoing: toSentView(undoing), canUndo: correction?.state === "applied" && undoing === null };
}

function toSentView(sent: SentCorrection | null): SentView | null {
  return sent === null ? null : { ...sent, changeId: String(sent.changeId) };
}
