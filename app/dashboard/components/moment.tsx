// A point in time: relative for reading, exact on hover and for machines.

import { formatExact, formatRecent, formatRelative } from "../formatting.ts";

interface MomentProps {
  readonly at: Date;
  /** The server's now, so that server and browser write the same text. */
  readonly nowMs: number;
  readonly timeZone: string;
  /** Shows the exact time as text; the relative one appears on hover. */
  readonly exact?: boolean;
  /** In lists: shows the clock with what is recent, so that the rows of a rush can be told apart. */
  readonly clock?: boolean;
}

export function Moment({ at, nowMs, timeZone, exact = false, clock = false }: MomentProps) {
  const relative = formatRelative(at.getTime(), nowMs);
  const precise = formatExact(at, timeZone);
  return (
    <time dateTime={at.toISOString()} title={exact ? relative : precise}>
      {exact ? precise : clock ? formatRecent(at, nowMs, timeZone) : relative}
    </time>
  );
}
