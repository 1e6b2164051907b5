// The set-up guide: what each step found, what it asks for, and when it is done.
import { describe, expect, it } from "vitest";

import type { WatchVerdict } from "./queries/watch-verdict.server.ts";
import { type SetupFacts, setupSteps } from "./setup-steps.ts";

const VERDICT: WatchVerdict = { changes: 38, orders: 31, unitsTaken: 44, cut: false, sourcesNamed: 1, leftAlone: 37, tookStock: 0, oversells: 3, oversellsPrevented: 2 };
const steps = (facts: Partial<SetupFacts> = {}) => setupSteps({ notified: true, hasRules: true, mode: "observe", mayWrite: false, verdict: VERDICT, ...facts });
const findings = (verdict: Partial<WatchVerdict>) => steps({ verdict: { ...VERDICT, ...verdict } })[1]?.findings.map(({ text }) => text);

describe("setupSteps", () => {
  it("are done in the order in which a merchant does them", () => {
    expect(steps({ notified: false, hasRules: false, verdict: null }).map(({ done }) => done)).toEqual([false, false, false]);
    expect(steps().map(({ done }) => done)).toEqual([true, true, false]);
    expect(steps({ mode: "enforce" }).map(({ done }) => done)).toEqual([true, true, true]);
  });

  it("sum up what would have been done, and open into it", () => {
    expect(steps()[1]?.findings[0]).toEqual({ text: "In the last 24 hours Holdfast would have made 38 changes for 31 orders, and taken 44 units.", evidence: "See the changes", url: "/app/history?state=shadow&when=day" });
    expect(findings({ changes: 0 })?.[0]).toMatch(/^In the last 24 hours no order came/);
    expect(findings({})?.[2]).toBe("Of 3 oversells found since the installation, protection would have prevented 2.");
    expect(findings({ oversells: 0 })).toHaveLength(2);
  });

  it("say whether Shopify's own numbers bear the rules out", () => {
    expect(findings({})?.[1]).toMatch(/^Shopify's own numbers agree: of 37 orders/);
    expect(findings({ tookStock: 1 })?.[1]).toMatch(/^Shopify's own numbers disagree: of 38 orders .* of 1 itself\./);
    expect(findings({ leftAlone: 0 })?.[1]).toMatch(/could not be observed yet/);
    expect(findings({ sourcesNamed: 0, oversells: 0 })).toHaveLength(1);
  });

  it("ask for the permission when it is needed, and for nothing before there are rules", () => {
    expect(steps()[2]?.action).toMatchObject({ permission: "write_inventory" });
    expect(steps({ mayWrite: true })[2]?.action).toMatchObject({ label: "Turn protection on" });
    expect(steps({ hasRules: false, verdict: null })[2]?.action).not.toHaveProperty("permission");
  });
});
