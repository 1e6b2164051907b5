// What the retention removes, in one sentence. Pure.

import { formatCapped } from "./formatting.ts";

interface Counted {
  readonly entries: number;
  readonly notifications: number;
}

/** `3,120 entries of the stock history and 40 notifications are older than 90 days; they are removed within a day.` */
export function removalText({ entries, notifications }: Counted, days: number): string {
  if (entries === 0 && notifications === 0) return `Nothing is older than ${days} days yet.`;
  const parts = [
    ...(entries === 0 ? [] : [`${formatCapped(entries)} ${entries === 1 ? "entry" : "entries"} of the audit trail`]),
    ...(notifications === 0 ? [] : [`${formatCapped(notifications)} ${notifications === 1 ? "notification" : "notifications"}`]),
  ];
  const one = entries + notifications === 1;
  return `${parts.join(" and ")} ${one ? "is" : "are"} older than ${days} days: ${one ? "it is" : "they are"} removed little by little, unless something still needs ${one ? "it" : "them"}.`;
}
