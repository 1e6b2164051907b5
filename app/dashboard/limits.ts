// Limits that server and browser both have to know.

/** A backlog is counted up to here; counting further would cost time and tell a merchant nothing more. */
export const BACKLOG_COUNT_MAX = 10_000;
