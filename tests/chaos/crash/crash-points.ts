// Every point at which a process can die, in a scenario that leads there: the list behind docs/reference/crash-points.md and its tests.
import type { Service } from "#app/composition.server.ts";
import type { StepName } from "#tests/setup/around-steps.ts";
import type { Point } from "../processes/strike-plan.ts";
import type { CommandScenarioName } from "./command-scenarios.ts";
import type { WebScenario } from "./web-scenarios.ts";
import type { WorkerScenario } from "./worker-scenarios.ts";

export const MOMENTS = ["before", "after"] as const;

/** Of one moment: what PostgreSQL holds of the shop's orders, changes and calls, and who finds what is to be done. */
export interface Aftermath {
  /** As `readLeftBehind` tells it; null: it differs from run to run, because something else of the process goes on beside the step. */
  readonly leaves: string | null;
  readonly found: string;
}

interface StepRow<Name extends Service, Scenario> {
  readonly process: Name;
  readonly step: StepName;
  readonly scenario: Scenario;
  readonly before: Aftermath;
  readonly after: Aftermath;
}

export type WorkerRow = StepRow<"worker", WorkerScenario>;
export type WebRow = StepRow<"web", WebScenario>;
export type CommandRow = StepRow<"cli", CommandScenarioName>;

/** Who finds it. */
const TURN = "the queue: the turn shows no sign of life and is handed out again";
const CALL = "the shop's next turn, the sweeper's at the latest, when the call's own time has come: same content, same key";
const SWEEPER = "the sweeper";
const NOBODY = "nobody needs to: it is done, the turn handed out again finds nothing";
const BESIDE = "nobody needs to; a call of the turn before that was on its way is sent again when its own time has come";
const RETRY = "Shopify: it was not answered, so it is sent again";
const REPEATED = "Shopify sends again what was not answered: a duplicate, answered 200; the sweeper finds the shop if it was not woken";
const AGAIN = "whoever asked, by asking again";

const ROUND = "the back-fill's next round: a dead round's shop is its own for five minutes";

/** What is left. */
const NOTHING = "";
const DUE = "orders due";
const WAITING = "orders settled; changes waiting";
const SENT = "orders settled; changes claimed; calls open (no answer)";
const ANSWERED = "orders settled; changes claimed; calls open (applied)";
const APPLIED = "orders settled; changes applied; calls applied (applied)";
const SILENT = "orders settled; changes claimed; calls open (unknown)";

type Left = string | null;

function worker(step: StepName, scenario: WorkerScenario, leaves: Left | readonly [before: Left, after: Left], found: string | readonly [before: string, after: string] = TURN): WorkerRow {
  return { process: "worker", step, scenario, ...bothMoments(leaves, found) };
}

function web(step: StepName, scenario: WebScenario, found: string | readonly [before: string, after: string]): WebRow {
  return { process: "web", step, scenario, ...bothMoments(null, found) };
}

function command(step: StepName, scenario: CommandScenarioName, found: string | readonly [before: string, after: string] = AGAIN): CommandRow {
  return { process: "cli", step, scenario, ...bothMoments(null, found) };
}

function bothMoments(leaves: Left | readonly [Left, Left], found: string | readonly [string, string]): { before: Aftermath; after: Aftermath } {
  const [leftBefore, leftAfter] = typeof leaves === "string" || leaves === null ? [leaves, leaves] : leaves;
  const [foundBefore, foundAfter] = typeof found === "string" ? [found, found] : found;
  return { before: { leaves: leftBefore, found: foundBefore }, after: { leaves: leftAfter, found: foundAfter } };
}

export const WORKER_ROWS: readonly WorkerRow[] = [
  // After: the turn of a later notification may end while the call of the one before is on its way.
  worker("turn.take", "order", [NOTHING, null], [TURN, BESIDE]),
  worker("orders.absorb", "order", [NOTHING, DUE]),
  worker("orders.absorb", "uninstalled", APPLIED, [TURN, NOBODY]),
  worker("orders.unblock", "order", DUE),
  worker("shopifyOrders.readVariants", "order", DUE),
  worker("orders.storeVariants", "order", DUE),
  worker("orders.storeVariants", "unknown_variant", DUE),
  worker("shopifyOrders.readVariantsOfItems", "own_bundle", DUE),
  worker("shopifyOrders.readOrderLocations", "order", DUE),
  worker("orders.storeRoutings", "order", DUE),
  worker("shopifyOrders.readOrders", "edit_notice", "orders due; changes applied; calls applied (applied)"),
  worker("orders.storeReads", "edit_notice", "orders due; changes applied; calls applied (applied)"),
  worker("orders.derive", "order", [DUE, WAITING]),
  worker("bundleStock.follow", "bundle_follows", "orders settled; changes applied, waiting; calls applied (applied)"),
  worker("lockStore.attemptFree", "known_order", "orders settled; changes applied, waiting; calls applied (applied)"),
  worker("budget.reserve", "known_order", "orders settled; changes applied, waiting; calls applied (applied)"),
  worker("ledger.claim", "order", [WAITING, SENT], [TURN, CALL]),
  worker("budget.cancel", "netted", APPLIED, NOBODY),
  worker("shopifyInventory.adjustQuantities", "order", SENT, CALL),
  worker("lockStore.renew", "slow_answer", null, CALL),
  worker("ledger.finishAttempt", "order", [SENT, ANSWERED], CALL),
  worker("ledger.recordApplied", "order", [ANSWERED, APPLIED], [CALL, NOBODY]),
  worker("lockStore.letGo", "known_order", APPLIED, NOBODY),
  worker("budget.report", "known_order", null, "nobody needs to: what was set aside lapses"),
  worker("budget.throttled", "throttled", "orders settled; changes claimed; calls open (throttled)", CALL),
  worker("ledger.postpone", "lost_answer", SILENT, CALL),
  worker("waker.wake", "edit_notice", "orders due; changes applied; calls applied (applied)"),
  worker("waker.wakeMany", "unwoken", NOTHING, [SWEEPER, TURN]),
  worker("waker.wakeMany", "suspicion_unwoken", APPLIED, [SWEEPER, TURN]),
  worker("lockStore.attempt", "lost_answer", SILENT, CALL),
  worker("ledger.takeOver", "lost_answer", [SILENT, "orders settled; changes claimed; calls open (unknown, no answer)"], CALL),
  worker("ledger.recordApplied", "lost_answer", ["orders settled; changes claimed; calls open (unknown, applied)", "orders settled; changes applied; calls applied (unknown, applied)"], [CALL, NOBODY]),
  worker("ledger.takeOver", "key_too_old", [SENT, "orders settled; changes parked; calls parked (no answer)"], [CALL, "a person: nobody else can say what happened"]),
  worker("ledger.recordRefused", "refused_entry", ["orders settled; changes claimed; calls open (rejected)", "orders settled; changes parked, waiting; calls refused (rejected)"], [CALL, TURN]),
  worker("shopifyInventory.bindKey", "refused_after_silence", "orders settled; changes claimed; calls open (unknown, no answer)", CALL),
  worker("ledger.recordRefused", "refused_after_silence", ["orders settled; changes claimed; calls open (unknown, rejected)", null], CALL),
  worker("ledger.recordRefused", "refused_whole", ["orders settled; changes claimed; calls open (rejected)", "orders settled; changes waiting; calls refused (rejected)"], [CALL, TURN]),
  worker("ledger.recordRefused", "key_used_up", ["orders settled; changes claimed; calls open (previous_attempt_failed)", "orders settled; changes waiting; calls refused (previous_attempt_failed)"], [CALL, TURN]),
  worker("settings.save", "scope_withdrawn", "orders settled; changes claimed; calls open (refused)", CALL),
  worker("ledger.recordRefused", "scope_withdrawn", ["orders settled; changes claimed; calls open (refused)", "orders settled; changes waiting; calls refused (refused)"], [CALL, "whoever switches protection on again"]),
  worker("shopifyInventory.readLevels", "order", null, "nobody needs to: this order is no evidence about its source"),
  worker("sources.record", "order", null, "nobody needs to: this order is no evidence about its source"),
  worker("sources.suspect", "source_suspected", null, ["nobody needs to: this order is no evidence about its source", "the turn that its time brings"]),
  worker("sources.record", "suspicion_judged", APPLIED),
  worker("sources.settleSuspicion", "suspicion_judged", APPLIED, [TURN, NOBODY]),
  worker("shopifyInventory.readLocations", "day_old_locations", null),
  worker("locations.store", "day_old_locations", null),
  worker("activity.addTurn", "order", null, "nobody: the dead turn's counts for the dashboard may be missing"),
  worker("lockStore.attempt", "token_nearly_over", null),
  worker("tokenEndpoint.refresh", "token_nearly_over", null, "the turn handed out again: the old refresh token is good until its successor is used"),
  worker("sessions.replacePair", "token_nearly_over", null),
  worker("sessions.expire", "token_refused", null, [TURN, "the next call refreshes the token"]),
  worker("sessions.delete", "tokens_dead", null, [TURN, "the merchant's next visit brings new tokens"]),
  worker("orderScans.takeDue", "missed_order", NOTHING, ROUND),
  worker("orderLister.listUpdated", "missed_order", NOTHING, ROUND),
  worker("shopifyOrders.readOrders", "missed_order", NOTHING, ROUND),
  worker("orderScans.feed", "missed_order", [NOTHING, DUE], [ROUND, SWEEPER]),
  worker("orderScans.release", "missed_order", null, ROUND),
  worker("orderScans.dropCursor", "lost_place", NOTHING, ROUND),
  worker("shopifyInventory.moveQuantities", "units_put_aside", "changes claimed; calls open (no answer)", CALL),
  worker("ledger.recordApplied", "units_put_aside", ["changes claimed; calls open (applied)", "changes applied; calls applied (applied)"], [CALL, NOBODY]),
  worker("ledger.takeOver", "lost_move", ["changes claimed; calls open (unknown)", "changes claimed; calls open (unknown, no answer)"], CALL),
  worker("ledger.recordRefused", "stale_move", ["changes claimed; calls open (rejected)", null], [CALL, "nobody needs to: the move is dropped, and the next request decides anew"]),
  worker("reservations.expireDue", "hold_lapses", "changes applied; calls applied (applied)", ["the next round, a second later", "nobody needs to: the units are free with the end of the hold"]),
  worker("blocks.resizeDue", "units_given_back", ["changes applied; calls applied (applied)", "changes applied, waiting; calls applied (applied)"], ["the next look at blocks", SWEEPER]),
  worker("shopifyInventory.moveQuantities", "units_given_back", "changes applied, claimed; calls applied (applied), open (no answer)", CALL),
  worker("compliance.completeOpen", "privacy_request", APPLIED, "the next round of privacy requests"),
];

export const WEB_ROWS: readonly WebRow[] = [
  web("intake.store", "notification", [RETRY, REPEATED]),
  web("waker.wakeMany", "notification", REPEATED),
  web("intake.storeCompliance", "privacy_notice", [RETRY, REPEATED]),
  web("sessions.store", "first_visit", "the merchant's next page"),
  web("installs.begin", "first_visit", "the merchant's next page"),
  web("settings.initialise", "first_visit", "the merchant's next page: the install and its settings begin in one transaction"),
  web("apiTokens.authenticate", "rules_saved", AGAIN),
  web("shopifyOrders.readVariants", "rules_saved", AGAIN),
  web("shopifyOrders.readVariantsOfItems", "rules_saved", AGAIN),
  web("shopifyInventory.readLocations", "rules_saved", AGAIN),
  web("orders.storeVariants", "rules_saved", AGAIN),
  web("settings.save", "rules_saved", [AGAIN, "whoever asked, by reading the settings"]),
  web("waker.wake", "rules_saved", SWEEPER),
  web("lockStore.attempt", "rules_saved_with_old_token", AGAIN),
  web("tokenEndpoint.refresh", "rules_saved_with_old_token", "the next call: the old refresh token is good until its successor is used"),
  web("sessions.replacePair", "rules_saved_with_old_token", "the next call"),
  web("lockStore.letGo", "rules_saved_with_old_token", "the next call: the lease ends by itself"),
  web("settings.resumeSource", "source_resumed", [AGAIN, SWEEPER]),
  web("waker.wake", "source_resumed", SWEEPER),
  web("shopifyOrders.readVariantsBySku", "first_hold", AGAIN),
  web("shopifyInventory.readLevels", "first_hold", AGAIN),
  web("reservations.reserve", "block_grows", [AGAIN, "the sweeper finds the move; whoever asked asks again"]),
  web("reservations.reserve", "held", [AGAIN, "whoever asked: the same key is answered with the hold that was granted"]),
  web("reservations.extend", "hold_extended", AGAIN),
  web("reservations.commit", "hold_committed", [AGAIN, "whoever asked: the same commit is answered as the first; its settlement is the worker's"]),
  web("reservations.commit", "hold_committed_late", [AGAIN, "whoever asked: the same commit is answered as the first; its settlement is the worker's"]),
  web("reservations.release", "hold_released", [AGAIN, "whoever asked: what has ended stays as it ended"]),
  web("apiTokens.create", "token_made", [AGAIN, "whoever asked: a token that was not shown is revoked"]),
];

export const COMMAND_ROWS: readonly CommandRow[] = [
  command("apiTokens.create", "token_made", [AGAIN, "whoever asked: a token that was not shown is revoked"]),
  command("apiTokens.revoke", "token_revoked"),
  command("review.act", "retried"),
  command("waker.wake", "retried", SWEEPER),
  command("review.act", "discarded"),
  command("review.replay", "replayed"),
  command("waker.wake", "replayed", SWEEPER),
  command("orderScans.find", "looked_through"),
  command("orderLister.listUpdated", "looked_through"),
  command("shopifyOrders.readOrders", "looked_through"),
  command("orderScans.feed", "looked_through", [AGAIN, SWEEPER]),
  command("waker.wake", "looked_through", SWEEPER),
  command("corrections.act", "corrected", [AGAIN, "whoever asked: it says that it was corrected; the sweeper finds the change"]),
  command("holdBook.markHandled", "handled"),
  command("fulfilmentHolds.release", "held_released"),
  command("alertSecrets.renewSigningSecret", "secret_of_alerts", [AGAIN, "whoever asked: a secret that was not shown is read, or made anew"]),
  command("externalDesk.renewSecret", "secret_of_pushes", [AGAIN, "whoever asked: a secret that was not shown is made anew"]),
  command("externalDesk.queueHistory", "history_pushed"),
  command("blocks.releaseAll", "all_released", [AGAIN, SWEEPER]),
];

/** Where a worker that sleeps for too long could decide on what it knew before. */
export const PAUSES: readonly (Point & { readonly scenario: WorkerScenario })[] = [
  { step: "orders.absorb", moment: "before", scenario: "order" },
  { step: "shopifyOrders.readVariants", moment: "after", scenario: "order" },
  { step: "shopifyOrders.readOrderLocations", moment: "after", scenario: "order" },
  { step: "shopifyOrders.readOrders", moment: "after", scenario: "edit_notice" },
  { step: "orders.derive", moment: "before", scenario: "order" },
  { step: "lockStore.attemptFree", moment: "after", scenario: "known_order" },
  { step: "budget.reserve", moment: "after", scenario: "known_order" },
  { step: "ledger.claim", moment: "before", scenario: "order" },
  { step: "ledger.claim", moment: "after", scenario: "order" },
  { step: "shopifyInventory.adjustQuantities", moment: "before", scenario: "order" },
  { step: "shopifyInventory.adjustQuantities", moment: "after", scenario: "order" },
  { step: "lockStore.renew", moment: "before", scenario: "slow_answer" },
  { step: "ledger.finishAttempt", moment: "before", scenario: "lost_answer" },
  { step: "ledger.recordApplied", moment: "before", scenario: "order" },
  { step: "ledger.postpone", moment: "before", scenario: "lost_answer" },
  { step: "ledger.takeOver", moment: "before", scenario: "lost_answer" },
  { step: "ledger.takeOver", moment: "after", scenario: "lost_answer" },
  { step: "ledger.recordRefused", moment: "before", scenario: "refused_entry" },
  { step: "ledger.recordRefused", moment: "before", scenario: "refused_whole" },
  { step: "ledger.recordRefused", moment: "before", scenario: "key_used_up" },
  { step: "shopifyInventory.bindKey", moment: "before", scenario: "refused_after_silence" },
  { step: "shopifyInventory.bindKey", moment: "after", scenario: "refused_after_silence" },
  { step: "tokenEndpoint.refresh", moment: "before", scenario: "token_nearly_over" },
  { step: "tokenEndpoint.refresh", moment: "after", scenario: "token_nearly_over" },
  { step: "sessions.delete", moment: "before", scenario: "tokens_dead" },
  { step: "settings.save", moment: "before", scenario: "scope_withdrawn" },
  { step: "shopifyInventory.adjustQuantities", moment: "after", scenario: "scope_withdrawn" },
  { step: "sources.record", moment: "before", scenario: "suspicion_judged" },
];
