// Steps at which no process is killed: their row names the test that shows what becomes of them instead, so that the list says what is proved.
import type { StepName } from "#tests/setup/around-steps.ts";

export interface ToldElsewhere {
  readonly step: StepName;
  /** What is proved there, and what is not. */
  readonly proved: string;
  readonly found: string;
  readonly test: { readonly file: string; readonly title: string };
}

export const TOLD_ELSEWHERE: readonly ToldElsewhere[] = [
  {
    step: "orderMaker.create",
    proved: "that an order whose sender wrote nothing down is found, and not made again; no death of a web process",
    found: "before: a person, when the time is up; after: the worker's next look",
    test: { file: "tests/integration/reservation-order-creation.test.ts", title: "of a process that died before it could write anything down is found all the same" },
  },
  {
    step: "orderMakings.leaves",
    proved: "that what had not left is sent by the next, and what had left by nobody; no death of a web process",
    found: "before: whoever commits again sends it; after: the worker's next look, and a person when the time is up",
    test: { file: "tests/integration/reservation-order-creation.test.ts", title: "before it left is sent by whoever commits again; the first one, should it come back, sends nothing" },
  },
  {
    step: "settlements.decide",
    proved: "the act and its repetition; no death",
    found: "whoever decided, by deciding again: what is decided already is refused",
    test: { file: "tests/integration/reservation-ties.test.ts", title: "goes back on sale when a person says that it was not sold, once" },
  },
  {
    step: "stockScans.ask",
    proved: "a scan that was asked for is taken to its end by whoever takes it; no death",
    found: "before: whoever asked, by asking again; after: the worker's next round",
    test: { file: "tests/integration/reconcile.test.ts", title: "takes in a shop that nothing was known of, and finds no mismatch where there is none" },
  },
  {
    step: "stockScans.takeOne",
    proved: "that a scan whose taker is gone is another's; no death of a command",
    found: "the worker's next round, when the dead one's lease is over",
    test: { file: "tests/integration/reconcile.test.ts", title: "decides nothing when it comes back after another has taken the scan" },
  },
  {
    step: "alertDesk.retry",
    proved: "the act and its repetition; no death",
    found: "whoever asked, by asking again: a message that is sent already is refused",
    test: { file: "tests/integration/alerts.test.ts", title: "holds up no other, is tried again, and after a day is given up for a person to see" },
  },
  {
    step: "alertSecrets.keepAddress",
    proved: "what is stored of an address; no death",
    found: "before: whoever saved, by saving again; after: an address that no settings name is of no use to anybody",
    test: { file: "tests/integration/alerts.test.ts", title: "has its address kept as a secret: settings, their history and the audit trail hold a mask, which may be sent back" },
  },
  {
    step: "alertSignals.count",
    proved: "that what was met is counted; no death",
    found: "nobody: what the dead process had counted in its last ten seconds is missing from the figures",
    test: { file: "tests/integration/alerts.test.ts", title: "count a deadlock for the shop whose work met it" },
  },
  {
    step: "externalDesk.act",
    proved: "the act in one transaction with its audit entry; no death",
    found: "whoever asked, by asking again: a push that is not parked any more is refused",
    test: { file: "tests/integration/external.test.ts", title: "can be passed over: a skipped push is never sent, its item goes on after it, and both are in the audit trail with the reason" },
  },
  {
    step: "contention.add",
    proved: "that what was met is counted; no death",
    found: "nobody: the waits that the dead process had noted in its last five seconds are missing from the figures, and decide nothing",
    test: { file: "tests/integration/contention.test.ts", title: "are each counted as having waited, from acceptance to their own call, and the call in their way as what held the item" },
  },
  {
    step: "retention.sweep",
    proved: "that a pass begun anew, beside another, removes each row once; no death",
    found: "the next pass, which begins with the oldest row again",
    test: { file: "tests/integration/retention.test.ts", title: "removes each row once when two workers do it at the same time" },
  },
];
