// What a process that makes load is told, and what it tells when it is done.

/** The line with which the load says that the warm-up is over. */
export const MEASURING = "measuring";

export interface LoadPlan {
  /** `closed`: each connection sends when it was answered. `open`: by a timetable, whatever the answers do; latency counts from the planned moment. */
  readonly kind: "closed" | "open";
  readonly url: string;
  readonly shop: string;
  readonly secret: string;
  readonly bodyBytes: number;
  readonly sourceName?: string;
  readonly appId?: string;
  /** A line of the order each; several lists are taken by turns. */
  readonly variantIds?: readonly (readonly string[])[];
  /** closed: how many send; open: how many there may be at most. */
  readonly connections: number;
  /** Not counted. */
  readonly warmUpMs: number;
  /** closed: so many answers come before anything counts, however long that takes (at most half a minute): code that is slow needs as many runs to be compiled. */
  readonly warmUpCount?: number;
  readonly measureMs: number;
  /** closed: it ends after so many, or when its time is over. */
  readonly requests?: number;
  /** open: requests a second. */
  readonly perSecond?: number;
  /** Requests that are signed before the first is sent; when they are used up they are sent again under new webhook ids. 0: each is signed when it is sent. */
  readonly prepared: number;
  readonly firstNumber: number;
}

export interface LoadFigures {
  /** Answered within the measured time (open: sent in it). */
  readonly count: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  readonly byStatus: Readonly<Record<string, number>>;
  /** Connections that ended before the answer came, warm-up included. */
  readonly lost: number;
  /** Every request that was answered 200, warm-up included: so many webhook ids must be stored. */
  readonly acknowledged: number;
  /** Every request that was sent. */
  readonly sent: number;
  /** Computing time of this process while it measured. */
  readonly cpuMs: number;
  /** open: how far this process itself was behind its timetable at worst. It counts as latency all the same. */
  readonly behindMsMax?: number;
}
