// What a scenario needs of an app, whichever it is: to be set up, to be asked whether it is done, and to show its ledger.
import type { EffectRules } from "../verdict/effects.ts";
import type { LedgerChange } from "../verdict/judge.ts";
import type { Catalogue } from "./catalogue.ts";

export interface AppUnderTest {
  /** Where Shopify sends webhooks. */
  readonly url: string;
  /** Installs the app in the shop and sets its rules, before the first order. */
  prepare(catalogue: Catalogue, rules: EffectRules): Promise<void>;
  /** Notifications and changes that still have to be worked on, as far as the app says. */
  unfinished(): Promise<{ notifications: number; changes: number }>;
  ledger(): Promise<LedgerChange[]>;
  /** Looks at single orders the way a merchant would, and names what does not agree with the ledger. */
  contradictions(orderIds: readonly string[], ledger: readonly LedgerChange[]): Promise<string[]>;
}
