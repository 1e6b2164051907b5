// Judges every law by the evidence of a seed; each violation names its law and what was seen.
import type { Evidence } from "../evidence.ts";
import { judgeEffects } from "./effects-law.ts";
import { judgeFlight } from "./flight-law.ts";
import { LAWS, type LawName, NOT_JUDGED, type Violation } from "./laws.ts";
import { judgeAudit, judgeDecisions, judgeDurableCalls, judgeParked, judgeShops, judgeWebhooks } from "./record-laws.ts";

type Judge = (evidence: Evidence) => readonly string[];

const JUDGES: Partial<Record<LawName, Judge>> = {
  "1": judgeWebhooks,
  "2": (evidence) => judgeEffects(evidence).effects,
  "3": judgeDurableCalls,
  "4": judgeDecisions,
  "5": (evidence) => judgeEffects(evidence).ledger,
  "7": judgeShops,
  "10": judgeFlight,
  audit: judgeAudit,
  parked: judgeParked,
};

export function judgeLaws(evidence: Evidence): Violation[] {
  return (Object.keys(LAWS) as LawName[]).flatMap((law) => {
    if (law in NOT_JUDGED) return [];
    const judge = JUDGES[law];
    if (!judge) throw new Error(`nobody judges law ${law}`);
    return judge(evidence).map((what) => ({ law, what }));
  });
}
