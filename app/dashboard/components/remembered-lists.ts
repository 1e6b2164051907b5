// Keeps how each list was left for as long as the tab is open, per shop. A link asks before it is clicked, so that no page shows first one list and then another.

import { useLocation } from "@remix-run/react";
import { useEffect, useSyncExternalStore } from "react";

import { addressAsLeft, afterVisit, NOTHING_REMEMBERED, readRemembered, type RememberedLists } from "../remembered-lists.ts";

// Written in effects only, so on the server it stays empty for everybody.
let remembered: RememberedLists = NOTHING_REMEMBERED;
let keptFor: string | null = null;
const listeners = new Set<() => void>();

/** Called once, by the frame of all pages. */
export function useRememberLists(shop: string | null): void {
  const { pathname, search } = useLocation();
  useEffect(() => {
    if (shop === null) return;
    const key = `holdfast.lists.${shop}`;
    if (keptFor !== shop) {
      keptFor = shop;
      change(readRemembered(inStorage((storage) => storage.getItem(key))));
    }
    const next = afterVisit(remembered, pathname, search);
    if (next === remembered) return;
    change(next);
    inStorage((storage) => storage.setItem(key, JSON.stringify(next)));
  }, [shop, pathname, search]);
}

/** Makes addresses of lists lead to them as they were left. The server, which remembers nothing, writes them bare. */
export function useAddressAsLeft(): (url: string) => string {
  const lists = useSyncExternalStore(listen, () => remembered, () => NOTHING_REMEMBERED);
  return (url) => addressAsLeft(lists, url);
}

function change(next: RememberedLists): void {
  remembered = next;
  for (const listener of listeners) listener();
}

function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** Browsers may forbid storage inside a frame; then it is remembered until the page is loaded anew. */
function inStorage<Result>(use: (storage: Storage) => Result): Result | null {
  try {
    return use(window.sessionStorage);
  } catch {
    return null;
  }
}
