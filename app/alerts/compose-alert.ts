// What a message says, in plain words: product, location, depth and orders of its incident, and where to look at it. No customer data is in the facts.

import { ALERT_TERMS, OVERSELL_TERMS } from "#app/dashboard/alert-terms.ts";
import { figureOf } from "#app/domain/alert-thresholds.ts";
import type { AlertText } from "#app/ports/alert-channel.ts";
import type { AlertContent, AlertReport } from "#app/ports/alert-outbox.ts";

interface AlertToCompose {
  readonly shop: string;
  readonly shopName: string | null;
  readonly timezone: string;
  readonly content: AlertContent;
  readonly follows: string | null;
  readonly maybeTaken: boolean;
  readonly apiKey: string;
}

type Kind = AlertContent["kind"];

/** A title from outside may be as long as it likes. */
const NAME_LENGTH_MAX = 120;

export function composeAlert({ shop, shopName, timezone, content, follows, maybeTaken, apiKey }: AlertToCompose): AlertText {
  const { kind, reports, moreCount } = content;
  const [first, ...others] = reports;
  if (first === undefined) return { title: ALERT_TERMS[kind].label, sentences: [], fields: [], more: [], link: linkTo(shop, apiKey, kind), footer: footerOf(shop, shopName, false) };
  return {
    title: titleOf(kind, first, follows !== null),
    sentences: sentencesOf(kind, first, follows !== null, maybeTaken),
    fields: fieldsOf(kind, first, timezone),
    more: [...others.map((report) => titleOf(kind, report, false)), ...(moreCount > 0 ? [`and ${moreCount} more`] : [])],
    // Of several the list shows more than any one of them.
    link: linkTo(shop, apiKey, kind, others.length + moreCount === 0 ? first.subject : null),
    footer: footerOf(shop, shopName, follows !== null),
  };
}

/** Into the app in the shop's admin; `subject`: of the one incident that it is about. */
export function linkTo(shop: string, apiKey: string, kind: Kind | null, subject: string | null = null): AlertText["link"] {
  const term = kind === null ? null : ALERT_TERMS[kind];
  const own = term?.eachHasPage === true && subject !== null ? `/${encodeURIComponent(subject)}` : "";
  return { label: "Open in Holdfast", url: `https://${shop}/admin/apps/${apiKey}${term?.page ?? "/app/settings"}${own}` };
}

export function footerOf(shop: string, shopName: string | null, isFollowUp: boolean): string {
  const name = shopName === null ? shop : `${clipped(shopName)} (${shop})`;
  return isFollowUp ? `Holdfast, ${name}. Follows an earlier message about the same incident.` : `Holdfast, ${name}`;
}

/** Name first, then how much: what a phone shows of it must be enough. */
export function titleOf(kind: Kind, { facts, stages }: AlertReport, isFollowUp: boolean): string {
  const label = labelOf(kind, facts);
  const figure = figureOf(facts);
  const amount = figure === null ? null : ALERT_TERMS[kind].amount(String(figure), figure === 1);
  const where = facts.locationName === null ? "" : ` at ${clipped(facts.locationName)}`;
  const name = facts.title ?? facts.sku;
  const what = name === null ? label : `${label}: ${clipped(name)}${where}`;
  switch (toldAs(stages, isFollowUp)) {
    case "over":
      return `Over: ${lowerFirst(what)}`;
    case "came_and_went":
      return amount === null ? `Came and went: ${lowerFirst(what)}` : `Came and went: ${lowerFirst(what)}, ${amount}`;
    case "changed":
      return amount === null ? `Changed: ${lowerFirst(what)}` : `Changed: ${lowerFirst(what)}, now ${amount}`;
    case "new":
      return amount === null ? what : `${what}, ${amount}`;
  }
}

function toldAs(stages: AlertReport["stages"], isFollowUp: boolean): "new" | "changed" | "over" | "came_and_went" {
  if (stages.at(-1) === "closed") return isFollowUp || stages.length === 1 ? "over" : "came_and_went";
  return isFollowUp ? "changed" : "new";
}

function sentencesOf(kind: Kind, report: AlertReport, isFollowUp: boolean, maybeTaken: boolean): string[] {
  const told = toldAs(report.stages, isFollowUp);
  const sentences = [told === "new" || told === "changed" ? meaningOf(kind, report.facts) : "This is over: nothing needs to be done about it now."];
  // Nobody can make a channel without keys recognise a repeat; a person can, when it says so.
  if (maybeTaken) sentences.push("You may have had this message before: no answer came when it was sent.");
  return sentences;
}

function labelOf(kind: Kind, facts: AlertReport["facts"]): string {
  return (kind === "oversell" ? OVERSELL_TERMS[String(facts.detail.kind)]?.label : undefined) ?? ALERT_TERMS[kind].label;
}

function meaningOf(kind: Kind, facts: AlertReport["facts"]): string {
  return (kind === "oversell" ? OVERSELL_TERMS[String(facts.detail.kind)]?.meaning : undefined) ?? ALERT_TERMS[kind].meaning;
}

function fieldsOf(kind: Kind, { facts, subject, at }: AlertReport, timezone: string): AlertText["fields"] {
  const figure = figureOf(facts);
  const orderNames = facts.orders.map(({ name, orderId, units }) => `${name === null ? `order ${orderId}` : clipped(name)} (${units})`);
  const unnamed = (facts.orderCount ?? facts.orders.length) - facts.orders.length;
  const fields: readonly (readonly [string, string | null])[] = [
    ["Product", facts.title === null ? null : clipped(facts.title)],
    ["SKU", facts.sku === null ? null : clipped(facts.sku)],
    ["Location", facts.locationName === null ? null : clipped(facts.locationName)],
    ["How much", figure === null ? null : ALERT_TERMS[kind].amount(String(figure), figure === 1)],
    ["Orders (units)", orderNames.length === 0 ? null : [...orderNames, ...(unnamed > 0 ? [`and ${unnamed} more`] : [])].join(", ")],
    ["Since", new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "long", timeZone: timezone }).format(new Date(at))],
    ["Incident", `${kind} ${subject}`],
  ];
  return fields.flatMap(([label, value]) => (value === null ? [] : [{ label, value }]));
}

/** In one line, too: what a product is called must not look like another line of ours. */
function clipped(name: string): string {
  const text = name.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, " ");
  return text.length <= NAME_LENGTH_MAX ? text : `${text.slice(0, NAME_LENGTH_MAX - 1)}…`;
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}
