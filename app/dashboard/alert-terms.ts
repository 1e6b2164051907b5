// The words of alerts, as merchants read them in messages and on the pages. Pure.

import type { AlertKind } from "#app/domain/alert-event.ts";
import type { AlertRetryOutcome } from "#app/ports/alert-outbox.ts";

interface AlertTerm {
  readonly label: string;
  readonly meaning: string;
  /** The figure in words: how deep, how many, how long. */
  amount(figure: string, isOne: boolean): string;
  /** The page that is nearest to it. */
  readonly page: string;
  /** Each incident has a page of its own, by its id beneath `page`. */
  readonly eachHasPage?: boolean;
}

const units = (what: string) => (figure: string, isOne: boolean) => `${figure} ${isOne ? "unit" : "units"} ${what}`;

export const ALERT_TERMS: Readonly<Record<AlertKind, AlertTerm>> = {
  oversell: { label: "Oversold", meaning: "More units were promised than there are.", amount: units("short"), page: "/app/oversells", eachHasPage: true },
  conflict: { label: "Overwritten stock", meaning: "Another app or a person wrote a stock level without knowing the latest orders.", amount: units("at risk"), page: "/app/overwritten", eachHasPage: true },
  drift: { label: "Stock mismatch", meaning: "Shopify's number differs from what Holdfast knows.", amount: units("different"), page: "/app/mismatches", eachHasPage: true },
  parked: { label: "Needs review", meaning: "Holdfast stopped on purpose: a person must decide.", amount: (figure, isOne) => `${figure} ${isOne ? "thing waits" : "things wait"} for you`, page: "/app/review" },
  webhook_lag: { label: "Late notifications", meaning: "Notifications from Shopify wait to be worked on.", amount: (figure) => `the oldest waits for ${figure} s`, page: "/app/history/notifications" },
  webhook_errors: {
    label: "Failing notifications",
    meaning: "Notifications from Shopify could not be accepted or not be used.",
    amount: (figure) => `${figure} within 10 minutes`,
    page: "/app/history/notifications",
  },
  mutation_failures: { label: "Failing stock changes", meaning: "Calls that change stock in Shopify failed.", amount: (figure) => `${figure} within 10 minutes`, page: "/app/review" },
  lock_waits: { label: "Busy items", meaning: "Stock changes waited for others of the same items.", amount: (figure) => `the longest waited ${figure} s this hour`, page: "/app/busy" },
  deadlocks: { label: "Database conflicts", meaning: "Database transactions got into each other's way and were repeated.", amount: (figure) => `${figure} within 10 minutes`, page: "/app" },
};

/** Kinds of oversells (docs/reference/detection.md). */
export const OVERSELL_TERMS: Readonly<Record<string, { readonly label: string; readonly meaning: string }>> = {
  oversold: { label: "Oversold", meaning: "More units were promised than all locations have." },
  move_stock: { label: "Stock to move", meaning: "This location is short; another one has the units." },
  likely_oversold: { label: "Likely oversold", meaning: "A number that another app or a person wrote hides that more units were promised than there are." },
};

export const ALERT_RETRY_TERMS: Readonly<Record<Exclude<AlertRetryOutcome, "done">, string>> = {
  not_found: "unknown",
  not_failed: "was not given up",
  overtaken: "a later message of the same incident has been delivered",
};
