// Shopify's search syntax as far as pickers and scans need it: `field:value`, comparisons on dates and ids, and plain words, all joined by AND.
import { GraphQLError } from "graphql";

/** A list fits when one of it does, as tags do. */
export type SearchValue = string | number | boolean | null | readonly string[];

export interface SearchTerm {
  /** Null for a plain word. */
  field: string | null;
  comparison: ":" | ">" | ">=" | "<" | "<=";
  value: string;
}

const TERM = /(?:([a-z_]+):)?(>=|<=|>|<)?(?:'([^']*)'|"([^"]*)"|(\S+))/gi;

export function parseSearch(query: string): SearchTerm[] {
  const terms: SearchTerm[] = [];
  for (const match of query.matchAll(TERM)) {
    const [, field, comparison, single, double, bare] = match;
    const value = single ?? double ?? bare ?? "";
    if (field === undefined && /^and$/i.test(value)) continue;
    if (field === undefined && /^(or|not)$/i.test(value)) throw unsupported(value);
    terms.push({ field: field?.toLowerCase() ?? null, comparison: (comparison ?? ":") as SearchTerm["comparison"], value });
  }
  return terms;
}

/** Keeps what fits every term. `fields` gives each searchable field's value; `words` the text that plain words look in. */
export function searchList<T>(items: readonly T[], query: string | null | undefined, fields: Readonly<Record<string, (item: T) => SearchValue>>, words: (item: T) => string): T[] {
  if (!query) return [...items];
  const tests = parseSearch(query).map((term): ((item: T) => boolean) => {
    if (term.field === null) return (item) => words(item).toLowerCase().includes(term.value.replaceAll("*", "").toLowerCase());
    const read = fields[term.field];
    if (!read) throw unsupported(`${term.field}:`);
    return (item) => fits(read(item), term);
  });
  return items.filter((item) => tests.every((test) => test(item)));
}

function fits(actual: SearchValue, term: SearchTerm): boolean {
  if (actual === null) return false;
  if (typeof actual === "object") return actual.some((each) => fits(each, term));
  if (typeof actual === "boolean") return String(actual) === term.value.toLowerCase();
  if (typeof actual === "number") return compare(actual, momentOrNumber(term.value), term.comparison);
  if (term.comparison !== ":") return compareIds(actual, term);
  const wanted = term.value.toLowerCase();
  const text = actual.toLowerCase();
  if (wanted.endsWith("*")) return text.startsWith(wanted.slice(0, -1));
  return text === wanted;
}

function compareIds(actual: string, term: SearchTerm): boolean {
  if (!/^\d+$/.test(actual) || !/^\d+$/.test(term.value)) throw unsupported(`${term.field ?? ""}${term.comparison}${term.value}`);
  const difference = BigInt(actual) - BigInt(term.value);
  return compare(difference > 0n ? 1 : difference < 0n ? -1 : 0, 0, term.comparison);
}

function compare(actual: number, wanted: number, comparison: SearchTerm["comparison"]): boolean {
  switch (comparison) {
    case ":":
      return actual === wanted;
    case ">":
      return actual > wanted;
    case ">=":
      return actual >= wanted;
    case "<":
      return actual < wanted;
    case "<=":
      return actual <= wanted;
  }
}

function momentOrNumber(text: string): number {
  if (/^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  const moment = Date.parse(text);
  if (Number.isNaN(moment)) throw unsupported(text);
  return moment;
}

function unsupported(part: string): GraphQLError {
  return new GraphQLError(`The simulator does not support the search term ${part}`, { extensions: { code: "SIMULATOR_UNSUPPORTED" } });
}
