// The part of the measurement that runs inside the page: Google's web-vitals, told to report every change, its findings kept on the window.

import type { Frame } from "playwright-core";
import type { CLSMetricWithAttribution, INPMetricWithAttribution, LCPMetric } from "web-vitals/attribution";

export interface CollectedVitals {
  readonly lcpMs: number;
  readonly cls: number;
  /** What moved most. */
  readonly clsTarget: string | null;
  readonly inpMs: number | null;
  /** What the slowest interaction was made on, and where its time went. */
  readonly inpTarget: string | null;
}

declare global {
  interface Window {
    webVitals: {
      onLCP(report: (metric: LCPMetric) => void, options: { reportAllChanges: boolean }): void;
      onCLS(report: (metric: CLSMetricWithAttribution) => void, options: { reportAllChanges: boolean }): void;
      onINP(report: (metric: INPMetricWithAttribution) => void, options: { reportAllChanges: boolean; durationThreshold: number }): void;
    };
    collected: { lcpMs: number; cls: number; clsTarget: string | null; inpMs: number | null; inpTarget: string | null };
  }
}

/** Runs in every document before its own scripts; must not use anything of this module. */
export function collectVitals(): void {
  const collected: Window["collected"] = { lcpMs: 0, cls: 0, clsTarget: null, inpMs: null, inpTarget: null };
  window.collected = collected;
  window.webVitals.onLCP(({ value }) => void (collected.lcpMs = value), { reportAllChanges: true });
  window.webVitals.onCLS(
    ({ value, attribution }) => {
      collected.cls = value;
      collected.clsTarget = attribution.largestShiftTarget ?? null;
    },
    { reportAllChanges: true },
  );
  // 16 ms is the shortest that browsers tell of.
  window.webVitals.onINP(
    ({ value, attribution }) => {
      collected.inpMs = value;
      const { interactionType, interactionTarget, inputDelay, processingDuration, presentationDelay } = attribution;
      collected.inpTarget = `${interactionType} on ${interactionTarget}: waited ${inputDelay.toFixed(0)}, worked ${processingDuration.toFixed(0)}, drew ${presentationDelay.toFixed(0)} ms`;
    },
    { reportAllChanges: true, durationThreshold: 16 },
  );
}

export async function readVitals(frame: Frame): Promise<CollectedVitals> {
  return await frame.evaluate(() => window.collected);
}
