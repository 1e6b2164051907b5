// The part of the measurement that runs inside the page: Google's web-vitals, told to report every change, its findings kept on the window.

import type { Frame } from "playwright-core";
import type { CLSMetric, INPMetricWithAttribution, LCPMetric } from "web-vitals/attribution";

export interface CollectedVitals {
  readonly lcpMs: number;
  readonly cls: number;
  readonly inpMs: number | null;
  /** What the slowest interaction was made on. */
  readonly inpTarget: string | null;
}

declare global {
  interface Window {
    webVitals: {
      onLCP(report: (metric: LCPMetric) => void, options: { reportAllChanges: boolean }): void;
      onCLS(report: (metric: CLSMetric) => void, options: { reportAllChanges: boolean }): void;
      onINP(report: (metric: INPMetricWithAttribution) => void, options: { reportAllChanges: boolean; durationThreshold: number }): void;
    };
    collected: { lcpMs: number; cls: number; inpMs: number | null; inpTarget: string | null };
  }
}

/** Runs in every document before its own scripts; must not use anything of this module. */
export function collectVitals(): void {
  const collected: Window["collected"] = { lcpMs: 0, cls: 0, inpMs: null, inpTarget: null };
  window.collected = collected;
  window.webVitals.onLCP(({ value }) => void (collected.lcpMs = value), { reportAllChanges: true });
  window.webVitals.onCLS(({ value }) => void (collected.cls = value), { reportAllChanges: true });
  // 16 ms is the shortest that browsers tell of.
  window.webVitals.onINP(
    ({ value, attribution }) => {
      collected.inpMs = value;
      collected.inpTarget = `${attribution.interactionType} on ${attribution.interactionTarget}`;
    },
    { reportAllChanges: true, durationThreshold: 16 },
  );
}

export async function readVitals(frame: Frame): Promise<CollectedVitals> {
  return await frame.evaluate(() => window.collected);
}
