// How each list was left, so that the navigation leads back to it with the same filters. Pure; what keeps it is in components/remembered-lists.ts.

/** Pages with filters in their address. */
const LISTS = ["/app/history", "/app/history/notifications", "/app/holds", "/app/holds/all", "/app/oversells", "/app/overwritten", "/app/mismatches", "/app/busy", "/app/review"] as const;

/** By the path of a list: its query, without which there is nothing to remember. */
export type RememberedLists = Readonly<Record<string, string>>;

export const NOTHING_REMEMBERED: RememberedLists = {};

/** The place in a list is not how it was filtered: who comes back wants the newest. The others come from Shopify and belong to one request. */
const NOT_REMEMBERED = ["older", "newer", "index", "embedded", "shop", "host", "id_token", "locale", "session", "timestamp", "hmac", "shopify-reload"];
/** Longer ones are no filters that a person chose. */
const QUERY_LENGTH_MAX = 600;

/** After a page was opened. A list that was opened without filters is forgotten, which is also what "Clear" does. The same object when nothing is new. */
export function afterVisit(remembered: RememberedLists, pathname: string, search: string): RememberedLists {
  if (!isList(pathname)) return remembered;
  const query = filtersOf(search);
  if ((remembered[pathname] ?? "") === query) return remembered;
  const { [pathname]: _, ...others } = remembered;
  return query === "" ? others : { ...others, [pathname]: query };
}

/** Where a link to a page leads: to a list as it was left, to anything else as it says. An address with a query of its own is meant as it stands. */
export function addressAsLeft(remembered: RememberedLists, url: string): string {
  return isList(url) ? `${url}${remembered[url] ?? ""}` : url;
}

/** From what was stored; whatever else stands there is no memory. */
export function readRemembered(text: string | null): RememberedLists {
  const stored = parsed(text);
  if (typeof stored !== "object" || stored === null) return NOTHING_REMEMBERED;
  return Object.entries(stored).reduce<RememberedLists>((lists, [path, query]) => (typeof query === "string" ? afterVisit(lists, path, query) : lists), NOTHING_REMEMBERED);
}

function isList(path: string): boolean {
  return LISTS.some((list) => list === path);
}

function filtersOf(search: string): string {
  const chosen = [...new URLSearchParams(search)].filter(([name, value]) => value !== "" && !NOT_REMEMBERED.includes(name));
  const text = new URLSearchParams(chosen).toString();
  return text === "" || text.length > QUERY_LENGTH_MAX ? "" : `?${text}`;
}

function parsed(text: string | null): unknown {
  if (text === null) return null;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
