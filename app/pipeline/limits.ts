// Every bound of a turn in one place: a turn is short, so that a flash sale in one shop cannot keep the others waiting. Durations: ports/timings.ts.

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
