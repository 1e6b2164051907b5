// The three steps from installing to protecting: what each asks, what was found, and which is next. Pure.

import { formatCount, plural } from "./formatting.ts";
import type { WatchVerdict } from "./queries/watch-verdict.server.ts";
import { settingsUrl } from "./settings-parts.ts";

export interface SetupFacts {
  readonly notified: boolean;
  readonly hasRules: boolean;
  readonly mode: "observe" | "enforce";
  readonly mayWrite: boolean;
  /** Null where the step does not need it. */
  readonly verdict: WatchVerdict | null;
}

export interface SetupStep {
  readonly id: "watch" | "understand" | "protect";
  readonly title: string;
  readonly text: string;
  readonly done: boolean;
  /** What was found, one sentence each, with its evidence. */
  readonly findings: readonly { readonly text: string; readonly evidence: string; readonly url: string }[];
  readonly action: { readonly label: string; readonly url: string } | { readonly label: string; readonly permission: "write_inventory" };
}

export function setupSteps(facts: SetupFacts): SetupStep[] {
  const { notified, hasRules, mode, mayWrite, verdict } = facts;
  return [
    {
      id: "watch",
      title: "Watch",
      text: "Holdfast receives every order notification and counts the duplicates. It changes nothing.",
      done: notified,
      findings: [],
      action: { label: "See notifications", url: "/app/history/notifications" },
    },
    {
      id: "understand",
      title: "Understand",
      text: "Tell it which order sources bypass Shopify's own stock count and what your bundles contain, then look at what it would have done.",
      done: hasRules,
      findings: verdict === null ? [] : findingsOf(verdict),
      action: { label: "Set your rules", url: settingsUrl("sources") },
    },
    {
      id: "protect",
      title: "Protect",
      text: mayWrite
        ? "When the list looks right, turn protection on. The permission to change inventory is granted already."
        : "When the list looks right, turn protection on. It needs Shopify's permission to change inventory; every other permission is asked for when you turn on what needs it.",
      done: mode === "enforce",
      findings: [],
      action: hasRules && !mayWrite ? { label: "Allow Holdfast to change inventory", permission: "write_inventory" } : { label: "Turn protection on", url: settingsUrl("mode") },
    },
  ];
}

function findingsOf(verdict: WatchVerdict): SetupStep["findings"] {
  const { changes, orders, unitsTaken, cut, oversells, oversellsPrevented } = verdict;
  const made = changes === 0 ? "In the last 24 hours no order came for which Holdfast would have changed stock." : `In the last 24 hours Holdfast would have made ${cut ? "more than " : ""}${plural(changes, "change")} for ${plural(orders, "order")}, and taken ${plural(unitsTaken, "unit")}.`;
  const prevented = oversells === 0 ? [] : [{ text: `Of ${cutAt50(oversells)} found since the installation, protection would have prevented ${formatCount(oversellsPrevented)}.`, evidence: "See the oversells", url: "/app/oversells?show=all" }];
  return [{ text: made, evidence: "See the changes", url: "/app/history?state=shadow&when=day" }, ...agreement(verdict), ...prevented];
}

/** Whether Shopify's own numbers bear the rules out. */
function agreement({ sourcesNamed, leftAlone, tookStock }: WatchVerdict): SetupStep["findings"] {
  if (sourcesNamed === 0) return [];
  const proof = { evidence: "See the sources", url: settingsUrl("sources") };
  const seen = leftAlone + tookStock;
  if (seen === 0) return [{ text: "Whether Shopify leaves the stock of these orders alone could not be observed yet; it takes a few orders.", ...proof }];
  if (tookStock === 0) return [{ text: `Shopify's own numbers agree: of ${plural(seen, "order")} of your sources that could be observed, none had its stock taken by Shopify.`, ...proof }];
  return [{ text: `Shopify's own numbers disagree: of ${plural(seen, "order")} of your sources that could be observed, Shopify took the stock of ${formatCount(tookStock)} itself. Taking it again would count twice; correct your rules first.`, ...proof }];
}

function cutAt50(oversells: number): string {
  return oversells >= 50 ? "the newest 50 oversells" : plural(oversells, "oversell");
}
