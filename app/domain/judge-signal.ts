// Whether a figure of the operation opens, changes or closes its incident: opens at the threshold, closes after it has been calm for a while. Pure.

import type { AlertStage } from "./alert-event.ts";

/** Below this part of the lowest threshold it is calm: a figure that dances around the threshold opens one incident, not many. */
const CALM_PART = 0.5;
/** And for this long without a break. */
export const CALM_MS = 5 * 60_000;

export interface SignalState {
  readonly open: boolean;
  /** Of the present or last incident; 0: there was none yet. */
  readonly incident: number;
  readonly peak: number;
  readonly changeCount: number;
  readonly calmSinceMs: number | null;
}

export const QUIET_SIGNAL: SignalState = { open: false, incident: 0, peak: 0, changeCount: 0, calmSinceMs: null };

export interface SignalJudgement {
  readonly state: SignalState;
  /** What is news of incident number `state.incident`. */
  readonly stage: AlertStage | null;
}

/** `thresholds`: of everybody who listens, in any order. Reaching a higher one than before is a change, so that its listener hears of it. */
export function judgeSignal(state: SignalState, figure: number, thresholds: readonly number[], nowMs: number): SignalJudgement {
  // A threshold of 0 asks to be told of anything at all.
  const wanted = thresholds.map((threshold) => Math.max(threshold, Number.MIN_VALUE));
  const lowest = Math.min(...wanted);
  if (!state.open) {
    if (figure < lowest) return { state, stage: null };
    return { state: { open: true, incident: state.incident + 1, peak: figure, changeCount: 0, calmSinceMs: null }, stage: "opened" };
  }
  if (figure < lowest * CALM_PART || wanted.length === 0 || figure === 0) {
    const calmSinceMs = state.calmSinceMs ?? nowMs;
    if (nowMs - calmSinceMs < CALM_MS) return { state: { ...state, calmSinceMs }, stage: null };
    return { state: { ...state, open: false, calmSinceMs: null }, stage: "closed" };
  }
  const peak = Math.max(state.peak, figure);
  const reached = wanted.some((threshold) => state.peak < threshold && threshold <= peak);
  if (!reached) return { state: { ...state, peak, calmSinceMs: null }, stage: null };
  const changeCount = state.changeCount + 1;
  return { state: { ...state, peak, changeCount, calmSinceMs: null }, stage: `changed:${changeCount}` };
}
