// The table of guards: which law each of them alone holds, which fault exposes its absence, and how it is taken away. No knob in the app.
import type { DecoratePort, SteppedPorts } from "#app/steps.ts";
import type { FaultName } from "./faults.ts";
import { callKeysUsedUp, commitAfterTheCall, decideWithAnyToken, deriveWithoutRowLocks, grantToEverybody, newKeyOnResend, newestIsLast, plainWakes, answerBeforeCommit, storeCopies } from "./guards-away.ts";
import type { LawName } from "./laws/laws.ts";
import type { PortChanges, Workbench } from "./workbench.ts";

export interface Guard {
  readonly name: string;
  readonly what: string;
  /** The law that it alone holds. */
  readonly law: LawName;
  /** What exposes its absence; these strike more often while it is away. */
  readonly exposedBy: readonly FaultName[];
  /** What does not strike meanwhile: with the guard away it would prove nothing, only excuse. */
  readonly spares?: readonly FaultName[];
  /** Every buyer wants the same product: two workers have to meet at one stock for it to show. */
  readonly hot?: true;
  /** Shopify takes its time over every call, beside those that the fault `slow` strikes: two have to be under way for it to show. */
  readonly slowCalls?: true;
  readonly how: string;
  /** It is the first of two lines: its law shows only while the second is away too, and then without these faults, which only the second survives. */
  readonly behind?: { readonly guard: string; readonly without: "all faults" | "spared faults" };
  /** In the seed's database, before anything runs. */
  readonly sql?: readonly string[];
  /** Put around the ports of every process. */
  readonly decorate?: (workbench: Workbench) => PortChanges;
}

export const GUARDS: readonly Guard[] = [
  {
    name: "answer-after-commit",
    what: "a webhook is answered after its row is committed",
    law: "1",
    exposedBy: ["kill_at_step", "kill_at_any_moment", "postgres_cut"],
    how: "an intake that says stored at once and stores 250 ms later",
    decorate: () => ({ intake: answerBeforeCommit }),
  },
  {
    name: "webhook-id",
    what: "a webhook id is stored once per shop",
    law: "1",
    exposedBy: ["webhook_copy", "answer_late"],
    how: "an intake that makes every arrival an id of its own",
    decorate: () => ({ intake: storeCopies }),
  },
  {
    name: "order-lock",
    what: "orders and their changes are locked while they are derived",
    law: "2",
    exposedBy: ["job_twice", "slow_statement"],
    how: "the same statements without FOR UPDATE",
    decorate: deriveWithoutRowLocks,
  },
  {
    name: "version-merge",
    what: "of two versions of an order the newer one by Shopify's time wins",
    law: "2",
    exposedBy: ["webhook_out_of_order", "webhook_late"],
    how: "an intake that gives each version the time of its arrival",
    decorate: () => ({ intake: newestIsLast }),
  },
  {
    name: "same-key",
    what: "a call is sent again under the key it was sent under first",
    law: "2",
    exposedBy: ["after_commit", "half_body", "slow"],
    how: "a ledger that gives a call a new key, durably, whenever it is taken over",
    sql: [`DROP TRIGGER mutations_content_frozen ON mutations`],
    decorate: newKeyOnResend,
  },
  {
    name: "travellers",
    what: "a key is retired only when nothing that was sent under it can still arrive with effect",
    law: "2",
    exposedBy: ["late_attempt"],
    how: "a stock port that calls the key of an unanswered call used up without asking Shopify",
    decorate: () => ({ shopifyInventory: callKeysUsedUp }),
  },
  {
    name: "sweeper",
    what: "the sweeper finds work that nobody was woken for",
    law: "2",
    exposedBy: ["wake_dropped", "redis_flush"],
    how: "a store of installs that finds none with work",
    decorate: () => ({ installs: (installs) => ({ ...installs, withWork: async () => [] }) }),
  },
  {
    name: "resume",
    what: "calls whose sender is gone are taken over",
    law: "2",
    exposedBy: ["kill_at_step", "after_commit"],
    how: "a ledger that finds nothing abandoned and no time to look again",
    decorate: () => ({ ledger: (ledger) => ({ ...ledger, abandoned: async () => [], nextResendAt: async () => null }) }),
  },
  {
    name: "kept-wake",
    what: "a wake that comes while a shop's turn runs brings another turn",
    law: "2",
    exposedBy: [],
    behind: { guard: "sweeper", without: "all faults" },
    how: "plain deduplication, with which the queue forgets such a wake, and a turn that does not look for work before it ends",
    decorate: plainWakes,
  },
  {
    name: "durable-claim",
    what: "key and content are committed before the call",
    law: "3",
    exposedBy: ["kill_at_step"],
    how: "a ledger whose claim commits when the call has been answered",
    decorate: commitAfterTheCall,
  },
  {
    name: "fencing-tokens",
    what: "who decides holds the newest token of every item",
    law: "4",
    exposedBy: ["pause", "slow_step", "before_commit"],
    how: "a ledger that puts the newest tokens into the hand of whoever decides",
    decorate: decideWithAnyToken,
  },
  {
    name: "open-entry",
    what: "the partial unique index: one open call for an item at a location",
    law: "10",
    exposedBy: ["job_twice", "slow", "slow_step"],
    // With the lock away and the index there, none of what is left breaks the law; with both away it does.
    behind: { guard: "lock", without: "spared faults" },
    spares: ["slow_question", "late_attempt", "redis_flush", "redis_restart", "redis_cut", "lock_lost", "pause"],
    hot: true,
    slowCalls: true,
    how: "the index is dropped, and the lock in front of it grants everything",
    sql: [`DROP INDEX mutation_entries_one_open_per_stock`],
  },
  {
    name: "lock",
    what: "the lock on items at locations",
    law: "10",
    exposedBy: ["slow_question", "job_twice", "late_attempt"],
    spares: ["redis_flush", "redis_restart", "redis_cut", "lock_lost", "pause"],
    how: "a lock store that grants everything to everybody",
    decorate: () => ({ lockStore: grantToEverybody }),
  },
  {
    name: "last-look",
    what: "right before a call leaves, its sender looks whether it is still his to send",
    law: "10",
    exposedBy: ["pause", "slow"],
    spares: ["redis_flush", "redis_restart", "redis_cut", "lock_lost"],
    slowCalls: true,
    how: "a stock port that is not told to look",
    decorate: () => ({ shopifyInventory: (inventory) => ({ ...inventory, adjustQuantities: ({ shop, traceId }, request) => inventory.adjustQuantities({ shop, traceId }, request) }) }),
  },
];

export function findGuard(name: string): Guard | undefined {
  return GUARDS.find((guard) => guard.name === name);
}

/** All of the named guards taken away together. */
export function switchOff(names: readonly string[], workbench: Workbench): { decorate: DecoratePort } {
  const changes = names.map((name) => {
    const guard = findGuard(name);
    if (!guard) throw new Error(`there is no guard ${name}`);
    return guard.decorate?.(workbench) ?? {};
  });
  return {
    decorate: <Name extends keyof SteppedPorts>(name: Name, port: SteppedPorts[Name]): SteppedPorts[Name] =>
      changes.reduce((changed, each) => {
        const change: ((port: SteppedPorts[Name]) => SteppedPorts[Name]) | undefined = each[name];
        return change ? change(changed) : changed;
      }, port),
  };
}
