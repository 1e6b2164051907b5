// The five protections of the race lab that a person switches on and off, and the words that explain each.

export const SWITCH_NAMES = ["idempotency", "atomic", "lock", "queue", "sweeper"] as const;
export type SwitchName = (typeof SWITCH_NAMES)[number];
export type Switches = Readonly<Record<SwitchName, boolean>>;

export const ALL_ON: Switches = { idempotency: true, atomic: true, lock: true, queue: true, sweeper: true };
export const ALL_OFF: Switches = { idempotency: false, atomic: false, lock: false, queue: false, sweeper: false };

export function without(name: SwitchName): Switches {
  return { ...ALL_ON, [name]: false };
}

/** The rows of "the whole table": everything on, each one off, nothing on. */
export const TABLE_OF_SWITCHES: readonly Switches[] = [ALL_ON, ...SWITCH_NAMES.map(without), ALL_OFF];

export type SwitchText = {
  readonly title: string;
  readonly on: string;
  readonly off: string;
  /** A heading of docs/reference/races.md. */
  readonly guide: string;
};

export const SWITCH_TEXTS: Readonly<Record<SwitchName, SwitchText>> = {
  idempotency: {
    title: "Idempotency",
    on: "A notification and each effect of an order are written down once, and a call that is sent again carries the key it was sent with first.",
    off: "Every copy is worked on like a new order, and a call whose answer was lost is sent again under a new key.",
    guide: "the-same-notification-twice",
  },
  atomic: {
    title: "Atomic mutation",
    on: "Shopify is told the difference (inventoryAdjustQuantities, −2) and does the sum itself.",
    off: "The quantity is read, calculated and set; what the online store sold between the two calls is overwritten.",
    guide: "read-subtract-set",
  },
  lock: {
    title: "Lock",
    on: "Who looks at a stock in order to decide holds it in Redis until the decision is written.",
    off: "Several look before any of them writes: the last units are promised to all of them.",
    guide: "look-then-take",
  },
  queue: {
    title: "Queue",
    on: "A notification is stored and answered at once; workers take it from there, and a restart finds it again.",
    off: "The work is done while Shopify waits for the answer: it hangs up after five seconds, and a restart forgets what was under way.",
    guide: "work-inside-the-request",
  },
  sweeper: {
    title: "Sweeper",
    on: "Twice a second somebody looks in PostgreSQL for stored notifications that nobody is working on.",
    off: "Who was not woken is never looked for: when Redis loses its list of jobs, they are stored, answered and forgotten.",
    guide: "a-wake-that-is-lost",
  },
};

/** "all on", "all off", or what is off. */
export function nameOf(switches: Switches): string {
  const off = SWITCH_NAMES.filter((name) => !switches[name]);
  if (off.length === 0) return "All five on";
  if (off.length === SWITCH_NAMES.length) return "All five off";
  return `Without ${off.map((name) => SWITCH_TEXTS[name].title.toLowerCase()).join(", ")}`;
}
