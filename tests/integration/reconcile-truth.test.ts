// Goal: a comparison with Shopify finds every difference that was put there, explains it, proposes only what the ledger owes or did twice, and never to
// undo a count. Method: differences of every kind in a small shop, also while operations fail and files break off; judged by the simulator's verdict,
// which knows nothing of the app. `npm run bench -- reconcile` does the same with thousands of levels.
import { describe, expect, it } from "vitest";

import { runReconcileTruth } from "#bench/reconcile/run-truth.ts";

describe("differences of every kind", () => {
  it.each([
    { seed: 1, faults: false },
    { seed: 2, faults: true },
  ])("are all found and explained, and only debts of our own are proposed (seed $seed, operations failing: $faults)", async ({ seed, faults }) => {
    const { figures, negativeUnseen, closedLocationUnseen } = await runReconcileTruth({ seed, levels: 60, faults });
    const { missed, misread, wrongProposals, invented, ...counts } = figures;
    expect({ missed, misread, wrongProposals, invented, negativeUnseen, closedLocationUnseen }).toEqual({ missed: [], misread: [], wrongProposals: [], invented: [], negativeUnseen: [], closedLocationUnseen: false });
    expect(counts).toEqual({ injected: 14, found: 14, explained: 14, proposals: { due: 4, right: 4 } });
  });
});
