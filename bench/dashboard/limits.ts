// What every page is held to: the numbers of the dashboard's issue.

export const SERVER_P95_MS_MAX = 100;
export const LCP_MS_MAX = 1_500;
export const CLS_MAX = 0.05;
export const INP_MS_MAX = 100;
export const SCRIPT_KB_MAX = 250;

/** Requests of a page that are not counted. */
export const WARM_UPS = 5;
