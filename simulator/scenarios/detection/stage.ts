// What can happen in a detection scenario: the words in which scenarios are written.

export const CHANNEL = "my-channel";

export interface Item {
  readonly variantId: string;
  readonly inventoryItemId: string;
  readonly sku: string;
}

/** Units at the shop's locations, in their order; a location left out does not stock it. */
export type Units = readonly number[];

export interface Stage {
  /** At least `min`, at most `max`. */
  between(min: number, max: number): number;
  chance(probability: number): boolean;
  pick<Value>(values: readonly Value[]): Value;
  item(units: Units, how?: { readonly apart?: "continue" | "untracked" }): Item;
  bundle(components: readonly { readonly item: Item; readonly quantity: number }[]): Item;
  /** Plans an act, in seconds from the beginning. */
  at(seconds: number, act: () => void): void;
  /** The online store; Shopify refuses what is not there. */
  buy(item: Item, quantity: number): void;
  /** An order of an outside channel, made so that Shopify takes no stock for it. */
  import(item: Item, quantity: number): void;
  /** Sold at a till that has lost its connection for so long. */
  sellOffline(item: Item, quantity: number, location: number, forSeconds: number): void;
  /** An order of this item that is not fulfilled yet is cancelled, and its units go back. */
  cancelOne(item: Item): void;
  deliver(item: Item, location: number, units: number): void;
  /** Somebody counted the shelf: from now on that is the number. */
  count(item: Item, location: number, units: number): void;
  /** What a second writer reads now; `write` sets it, whatever has happened since. */
  read(item: Item, location: number): { readonly write: () => void };
}

export interface Scenario {
  readonly name: string;
  readonly about: string;
  /** What the merchant told the app: whether it protects, and whether it counts the outside channel's orders. */
  readonly rules: { readonly mode: "observe" | "enforce"; readonly countsChannel: boolean };
  /** Share of all webhooks that never come. */
  readonly loss?: number;
  /** Plans everything; nothing happens before it has returned. */
  plan(stage: Stage): void;
}
