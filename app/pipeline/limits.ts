// Every bound of a turn in one place: a turn is short, so that a flash sale in one shop cannot keep the others waiting.

/** Deliveries merged in one transaction. */
export const ABSORB_DELIVERIES_MAX = 500;
/** Orders derived in one transaction. */
export const DERIVE_ORDERS_MAX = 250;
/** Rounds of absorb, gather and derive in one turn; what is left goes to the shop's next turn, behind the other shops. */
export const INTAKE_ROUNDS_MAX = 2;
/** Reads of one kind under way at once; the budget is asked for each. */
export const READS_AT_ONCE = 4;
/** Calls that change stock in one turn. */
export const MUTATIONS_PER_TURN_MAX = 4;
/** Abandoned mutations resumed in one turn. */
export const RESUME_PER_TURN_MAX = 4;
/** While so many calls of a shop are open, no further ones are claimed: Shopify is in trouble and more would only pile up. */
export const OPEN_MUTATIONS_MAX = 8;
/** Shopify's limit of entries in one adjustment. */
export const ENTRIES_PER_MUTATION_MAX = 250;
/** Each refusal that names no entry quarters the next batch: 250, 62, 15, 3, 1. */
export const SPLIT_FACTOR = 4;

/** A lock outlives its holder by at most this. It is renewed at a third of it. */
export const STOCK_LEASE_MS = 15_000;
/** Longest wait for a person or for Shopify to route an order before it is asked about. */
export const LOCATION_DEADLINE_MS = 15 * 60_000;

/** Waits after an attempt whose outcome is open: doubled per attempt from the first to the last. */
export const RESEND_DELAY_MS_MIN = 1_000;
export const RESEND_DELAY_MS_MAX = 60_000;
/** A shop that is frozen or whose token is gone is asked again after this. */
export const SHOP_UNAVAILABLE_DELAY_MS = 5 * 60_000;
/** When a read from Shopify failed. */
export const READ_RETRY_DELAY_MS = 5_000;
