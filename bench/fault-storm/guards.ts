// The table of guards: which law each of them alone holds, which fault exposes its absence, and how it is taken away. No knob in the app.
import type { Timings } from "#app/ports/timings.ts";
import type { LockStore } from "#app/adapters/redis/lock-store.ts";
import type { DecoratePort, SteppedPorts } from "#app/steps.ts";
import type { FaultName } from "./faults.ts";
import type { LawName } from "./laws/laws.ts";

/** What a guard is taken away with, in a process of the storm. */
export interface Workbench {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly redisPrefix: string;
  readonly timings: Timings;
}

export interface Guard {
  readonly name: string;
  readonly what: string;
  /** The law that it alone holds. */
  readonly law: LawName;
  /** What exposes its absence; these strike more often while it is away. */
  readonly exposedBy: readonly FaultName[];
  readonly how: string;
  /** In the seed's database, before anything runs. */
  readonly sql?: readonly string[];
  /** Put around the ports of every process. */
  readonly decorate?: (workbench: Workbench) => PortChanges;
}

/** Only the ports that are changed. */
export type PortChanges = { readonly [Name in keyof SteppedPorts]?: (port: SteppedPorts[Name]) => SteppedPorts[Name] };

export const GUARDS: readonly Guard[] = [
  {
    name: "lock",
    what: "the lock on items at locations",
    law: "10",
    exposedBy: ["slow_step", "slow"],
    how: "a lock store that grants everything to everybody",
    decorate: () => ({ lockStore: openToAll }),
  },
  {
    name: "sweeper",
    what: "the sweeper, which finds work that nobody was woken for",
    law: "2",
    exposedBy: ["wake_dropped", "redis_flush"],
    how: "a store of installs that finds none with work",
    decorate: () => ({ installs: (installs) => ({ ...installs, withWork: async () => [] }) }),
  },
  {
    name: "resume",
    what: "taking over calls whose sender is gone",
    law: "2",
    exposedBy: ["kill_at_step", "after_commit"],
    how: "a ledger that finds nothing abandoned",
    decorate: () => ({ ledger: (ledger) => ({ ...ledger, abandoned: async () => [] }) }),
  },
];

function openToAll(store: LockStore): LockStore {
  return {
    newOwner: () => store.newOwner(),
    attempt: async () => ({ granted: true }),
    attemptFree: async ({ resources }) => [...resources],
    renew: async () => [],
    letGo: async () => [],
    onWake: (owner, listener) => store.onWake(owner, listener),
    list: (shop) => store.list(shop),
    ready: () => store.ready(),
  };
}

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
