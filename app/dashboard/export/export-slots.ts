// One export at a time and install in this process: an export reads for minutes, and a person who clicks five times wants one file.

/**
 * After this without a read by the browser another export of the install may begin: a paused or forgotten download holds nothing but
 * its place. Measured on the clock that is passed in; no timer runs.
 */
export const STALL_MS = 60_000;

export interface ExportSlot {
  /** Whether the place is still ours; says that the export is alive. */
  readonly keep: () => boolean;
  readonly release: () => void;
}

export interface ExportSlots {
  /** Null: another export of the install is under way. */
  readonly take: (installId: bigint) => ExportSlot | null;
}

/** It bounds the load of a process, not what is right: with several web processes there may be as many exports of an install. */
export function createExportSlots(now: () => number): ExportSlots {
  const aliveAt = new Map<bigint, { readonly owner: symbol; atMs: number }>();
  return {
    take(installId) {
      const present = aliveAt.get(installId);
      if (present !== undefined && now() - present.atMs < STALL_MS) return null;
      const owner = Symbol("export");
      aliveAt.set(installId, { owner, atMs: now() });
      return {
        keep() {
          const mine = aliveAt.get(installId);
          if (mine?.owner !== owner) return false;
          mine.atMs = now();
          return true;
        },
        release() {
          if (aliveAt.get(installId)?.owner === owner) aliveAt.delete(installId);
        },
      };
    },
  };
}
