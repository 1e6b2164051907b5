// The laws of the storm: invariants 1 to 7 and 10 of docs/architecture.md, and two that follow from them, each judged from outside.

export const LAWS = {
  "1": "a webhook answered 2xx is durable, and is one delivery however often it is sent",
  "2": "a change takes effect at most once, and takes effect unless it is parked or cancelled with a reason",
  "3": "no request that changes Shopify arrives before its key and content are durable",
  "4": "a worker without the newest tokens decides nothing",
  "5": "Shopify's truth and the ledger agree call by call and entry by entry",
  "6": "no reservation is granted beyond confirmed stock",
  "7": "nothing of one shop is in another's rows, calls or keys",
  "10": "two requests that change the same item and location are never in flight at once",
  audit: "the audit trail tells of every change exactly what the ledger says",
  parked: "nothing is parked without need",
} as const;

export type LawName = keyof typeof LAWS;

/** There is nothing to judge yet. Whoever builds reservations adds the judgement. */
export const NOT_JUDGED: Partial<Record<LawName, string>> = { "6": "the storm's buyers hold nothing; the scenario checkout-rush judges it" };

export interface Violation {
  readonly law: LawName;
  readonly what: string;
}
