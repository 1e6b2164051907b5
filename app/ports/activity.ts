// Port of what happens without leaving a row of its own: counted per hour and shop, for the dashboard.

/** Counts of one turn; milliseconds for waits. */
export interface TurnTally {
  lockAcquired: number;
  /** Items somebody else was at work on. */
  lockBusy: number;
  lockLost: number;
  lockWaitMsTotal: number;
  lockWaitMsMax: number;
  throttled: number;
}

export function emptyTally(): TurnTally {
  return { lockAcquired: 0, lockBusy: 0, lockLost: 0, lockWaitMsTotal: 0, lockWaitMsMax: 0, throttled: 0 };
}

export interface Activity {
  /** Adds a turn's counts to the present hour. */
  addTurn(installId: bigint, tally: TurnTally): Promise<void>;
}
