// Nine days at shops whose stock goes wrong in a way that is known: what a judge of stock has to tell apart.
import type { Item, Scenario, Stage } from "./stage.ts";

const WATCHING = { mode: "observe", countsChannel: true } as const;
const PROTECTING = { mode: "enforce", countsChannel: true } as const;

function items(stage: Stage, count: number, min: number, max: number): Item[] {
  return Array.from({ length: count }, () => stage.item([stage.between(min, max)]));
}

/** Acts at random moments; the seconds are fractions, as buyers are. */
function spread(stage: Stage, { count, fromSeconds, untilSeconds }: { count: number; fromSeconds: number; untilSeconds: number }, act: () => void): void {
  for (let index = 0; index < count; index += 1) stage.at(stage.between(fromSeconds * 1_000, untilSeconds * 1_000) / 1_000, act);
}

/** A second system that reads every item every 30 s and writes some seconds later what it read. */
function runErp(stage: Stage, of: readonly Item[], { fromSeconds, untilSeconds }: { fromSeconds: number; untilSeconds: number }): void {
  for (let seconds = fromSeconds; seconds < untilSeconds; seconds += 30) {
    for (const item of of) {
      const lag = stage.between(2_000, 12_000) / 1_000;
      stage.at(seconds, () => {
        const { write } = stage.read(item, 0);
        stage.at(seconds + lag, write);
      });
    }
  }
}

export const DETECTION_SCENARIOS: readonly Scenario[] = [
  {
    name: "native-rush",
    about: "the online store sells out; Shopify refuses the rest, and variants that may go on selling go below zero",
    rules: WATCHING,
    plan(stage) {
      const wanted = [...items(stage, 8, 4, 25), stage.item([5], { apart: "continue" }), stage.item([6], { apart: "continue" })];
      spread(stage, { count: 150, fromSeconds: 1, untilSeconds: 90 }, () => stage.buy(stage.pick(wanted), stage.between(1, 3)));
      spread(stage, { count: 8, fromSeconds: 60, untilSeconds: 100 }, () => stage.cancelOne(stage.pick(wanted)));
    },
  },
  {
    name: "bypassed-rush",
    about: "an outside channel sells past zero while Holdfast only watches",
    rules: WATCHING,
    plan(stage) {
      const wanted = items(stage, 12, 5, 20);
      spread(stage, { count: 140, fromSeconds: 1, untilSeconds: 90 }, () => stage.import(stage.pick(wanted), stage.between(1, 3)));
      spread(stage, { count: 40, fromSeconds: 1, untilSeconds: 90 }, () => stage.buy(stage.pick(wanted), 1));
    },
  },
  {
    name: "bypassed-rush-protected",
    about: "an outside channel sells past zero while Holdfast takes its units",
    rules: PROTECTING,
    plan(stage) {
      const wanted = items(stage, 12, 5, 20);
      spread(stage, { count: 140, fromSeconds: 1, untilSeconds: 90 }, () => stage.import(stage.pick(wanted), stage.between(1, 3)));
      spread(stage, { count: 30, fromSeconds: 1, untilSeconds: 90 }, () => stage.buy(stage.pick(wanted), 1));
      spread(stage, { count: 10, fromSeconds: 70, untilSeconds: 110 }, () => stage.cancelOne(stage.pick(wanted)));
    },
  },
  {
    name: "shared-components",
    about: "bundles and single sales draw on the same components",
    rules: PROTECTING,
    plan(stage) {
      const components = items(stage, 8, 12, 30);
      const bundles = Array.from({ length: 6 }, (_, index) =>
        stage.bundle([{ item: components[index] as Item, quantity: 1 }, { item: components[(index + 2) % components.length] as Item, quantity: 2 }]),
      );
      spread(stage, { count: 60, fromSeconds: 1, untilSeconds: 90 }, () => stage.buy(stage.pick(bundles), stage.between(1, 2)));
      spread(stage, { count: 60, fromSeconds: 1, untilSeconds: 90 }, () => stage.buy(stage.pick(components), stage.between(1, 2)));
    },
  },
  {
    name: "two-locations",
    about: "one location sells what only the other has, and some that none has",
    rules: WATCHING,
    plan(stage) {
      const wanted = Array.from({ length: 12 }, () => stage.item([stage.between(3, 9), stage.between(0, 8)]));
      spread(stage, { count: 50, fromSeconds: 1, untilSeconds: 60 }, () => stage.buy(stage.pick(wanted), 1));
      spread(stage, { count: 45, fromSeconds: 1, untilSeconds: 60 }, () => stage.sellOffline(stage.pick(wanted), stage.between(1, 3), 0, stage.between(10, 120)));
    },
  },
  {
    name: "till-offline-for-an-hour",
    about: "a till sells for an hour without a connection, the online store sells the same units",
    rules: WATCHING,
    plan(stage) {
      const wanted = items(stage, 12, 8, 20);
      spread(stage, { count: 60, fromSeconds: 1, untilSeconds: 600 }, () => stage.sellOffline(stage.pick(wanted), stage.between(1, 2), 0, 3_600));
      spread(stage, { count: 160, fromSeconds: 1, untilSeconds: 3_500 }, () => stage.buy(stage.pick(wanted), stage.between(1, 2)));
    },
  },
  {
    name: "erp-every-30-s",
    about: "another system writes every 30 s what it read some seconds before",
    rules: PROTECTING,
    plan(stage) {
      const wanted = items(stage, 10, 30, 80);
      runErp(stage, wanted, { fromSeconds: 20, untilSeconds: 600 });
      spread(stage, { count: 330, fromSeconds: 1, untilSeconds: 610 }, () => stage.buy(stage.pick(wanted), stage.between(1, 3)));
      spread(stage, { count: 60, fromSeconds: 1, untilSeconds: 610 }, () => stage.import(stage.pick(wanted), stage.between(1, 2)));
    },
  },
  {
    name: "hidden-oversell",
    about: "a stale number is written once over the last sales: Shopify shows stock that nobody has, and sells it",
    rules: WATCHING,
    plan(stage) {
      for (const item of items(stage, 14, 10, 20)) {
        const seconds = stage.between(20, 60);
        stage.at(seconds, () => {
          const { write } = stage.read(item, 0);
          stage.at(seconds + 40, write);
        });
        spread(stage, { count: 8, fromSeconds: seconds - 15, untilSeconds: seconds + 38 }, () => stage.buy(item, 1));
        spread(stage, { count: stage.between(4, 18), fromSeconds: seconds + 45, untilSeconds: seconds + 200 }, () => stage.buy(item, 1));
      }
    },
  },
  {
    name: "lost-webhooks",
    about: "the same, while one webhook of twenty never comes",
    rules: PROTECTING,
    loss: 0.05,
    plan(stage) {
      const imported = items(stage, 8, 8, 20);
      const written = items(stage, 6, 30, 60);
      runErp(stage, written, { fromSeconds: 20, untilSeconds: 400 });
      spread(stage, { count: 90, fromSeconds: 1, untilSeconds: 400 }, () => stage.import(stage.pick(imported), stage.between(1, 2)));
      spread(stage, { count: 30, fromSeconds: 1, untilSeconds: 400 }, () => stage.buy(stage.pick(imported), 1));
      spread(stage, { count: 160, fromSeconds: 1, untilSeconds: 410 }, () => stage.buy(stage.pick(written), stage.between(1, 3)));
    },
  },
  {
    name: "stock-take",
    about: "stock is counted and delivered between sales; some of the numbers put right what was wrong, and none may be undone",
    rules: PROTECTING,
    plan(stage) {
      const wanted = items(stage, 12, 10, 25);
      wanted.forEach((item, index) => {
        spread(stage, { count: 8, fromSeconds: 1, untilSeconds: 60 }, () => (stage.chance(0.5) ? stage.buy(item, 1) : stage.import(item, 1)));
        if (index % 3 === 0) stage.at(80, () => stage.count(item, 0, stage.between(0, 30)));
        if (index % 3 === 1) stage.at(80, () => stage.deliver(item, 0, stage.between(5, 40)));
        spread(stage, { count: stage.between(4, 30), fromSeconds: 100, untilSeconds: 160 }, () => (stage.chance(0.3) ? stage.buy(item, 1) : stage.import(item, 1)));
      });
    },
  },
];
