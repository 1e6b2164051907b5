// The part of the measurement that runs inside the page: Google's web-vitals, told to report every change, its findings kept on the window.

import type { Frame } from "playwright-core";
import type { INPMetricWithAttribution, LCPMetric } from "web-vitals/attribution";

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
      onINP(report: (metric: INPMetricWithAttribution) => void, options: { reportAllChanges: boolean; durationThreshold: number; generateTarget: (node: Node | null) => string }): void;
    };
    collected: { lcpMs: number; cls: number; clsTarget: string | null; inpMs: number | null; inpTarget: string | null };
  }
}

/** Runs in every document before its own scripts; must not use anything of this module. */
export function collectVitals(): void {
  const collected: Window["collected"] = { lcpMs: 0, cls: 0, clsTarget: null, inpMs: null, inpTarget: null };
  window.collected = collected;
  window.webVitals.onLCP(({ value }) => void (collected.lcpMs = value), { reportAllChanges: true });
  // As web-vitals counts: the worst window of shifts, each within a second of the one before, none longer than five. What follows a person's input
  // within half a second does not count; Chromium knows of input only in frames with a process of their own, as the app's has in Shopify's admin.
  let lastInputMs = -Infinity;
  let [beganMs, lastMs, sum] = [-Infinity, -Infinity, 0];
  for (const type of ["pointerdown", "pointerup", "keydown"]) window.addEventListener(type, ({ timeStamp }) => void (lastInputMs = timeStamp), { capture: true });
  new PerformanceObserver((list) => {
    for (const { startTime, value, sources } of list.getEntries() as (PerformanceEntry & { value: number; sources: { node?: Node | null }[] })[]) {
      if (startTime - lastInputMs < 500) continue;
      if (startTime - lastMs >= 1_000 || startTime - beganMs >= 5_000) [beganMs, sum] = [startTime, 0];
      [lastMs, sum] = [startTime, sum + value];
      if (sum <= collected.cls) continue;
      collected.cls = sum;
      const [first] = sources;
      const moved = first?.node ?? null;
      collected.clsTarget = moved instanceof Element ? `${moved.tagName.toLowerCase()}#${moved.id}.${moved.className}` : (moved?.nodeName ?? null);
    }
  }).observe({ type: "layout-shift", buffered: true });
  // 16 ms is the shortest that browsers tell of.
  window.webVitals.onINP(
    ({ value, attribution }) => {
      collected.inpMs = value;
      const { interactionType, interactionTarget, inputDelay, processingDuration, presentationDelay } = attribution;
      collected.inpTarget = `${interactionType} on ${interactionTarget}: waited ${inputDelay.toFixed(0)}, worked ${processingDuration.toFixed(0)}, drew ${presentationDelay.toFixed(0)} ms`;
    },
    {
      reportAllChanges: true,
      durationThreshold: 16,
      generateTarget: (node) => {
        const element = node instanceof Element ? node : node?.parentElement;
        return `${element?.tagName.toLowerCase()} "${(element?.closest("button, label, a, [role=row], tr") ?? element)?.textContent?.trim().slice(0, 30)}" ${element?.id}`;
      },
    },
  );
}

export async function readVitals(frame: Frame): Promise<CollectedVitals> {
  return await frame.evaluate(() => window.collected);
}
