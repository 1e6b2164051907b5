// Keeps the admin's address bar, its navigation and its back button in step with the pages of the app.
import { onAdmin, tell } from "./connection.ts";
import { withToken } from "./session.ts";
import type { LocationKind, NavItem } from "../messages.ts";

/** Said to the app with every document request, and none of the merchant's business. */
const hiddenParameters = ["embedded", "shop", "host", "id_token", "locale", "session", "timestamp", "hmac", "shopify-reload"];

export function visiblePath(): string {
  const url = new URL(location.href);
  for (const name of hiddenParameters) url.searchParams.delete(name);
  return `${url.pathname}${url.search}${url.hash}`;
}

function report(kind: LocationKind): void {
  tell("location", { path: visiblePath(), kind });
}

export function followNavigation(): void {
  for (const [method, kind] of [["pushState", "push"], ["replaceState", "replace"]] as const) {
    const original = history[method].bind(history);
    history[method] = (data, unused, url) => {
      original(data, unused, url);
      report(kind);
    };
  }
  window.addEventListener("popstate", () => report("pop"));
  onAdmin("navigate", ({ href }) => void goTo(href));
  document.addEventListener("click", followAdminLink);
  report("load");
}

/** A link of the app's own, wherever it is, lets the app's router act; without one the page is loaded with a token. */
async function goTo(href: string): Promise<void> {
  const link = document.querySelector<HTMLElement>(`ui-nav-menu a[href="${CSS.escape(href)}"], s-app-nav [href="${CSS.escape(href)}"]`);
  if (link !== null && link.localName !== "a") {
    link.dispatchEvent(new CustomEvent("shopify:navigate", { bubbles: true }));
    return;
  }
  if (link !== null) {
    const click = new MouseEvent("click", { bubbles: true, cancelable: true, button: 0 });
    // Once the router has seen the click, what is left of it would be a plain load without a token.
    const handled = new Promise<boolean>((resolve) => {
      window.addEventListener("click", (event) => (resolve(event.defaultPrevented), event.preventDefault()), { once: true });
    });
    link.dispatchEvent(click);
    if (await handled) return;
  }
  location.assign(await withToken(href));
}

/** `shopify:admin/…` links lead to pages of the admin itself. */
function followAdminLink(event: MouseEvent): void {
  const link = event.target instanceof Element ? event.target.closest("a[href^='shopify:']") : null;
  const href = link?.getAttribute("href");
  if (event.defaultPrevented || href === null || href === undefined) return;
  event.preventDefault();
  tell("open", { url: href, newTab: link?.getAttribute("target") === "_blank" });
}

export function patchOpen(): void {
  const original = window.open.bind(window);
  window.open = (url, target, features) => {
    const address = String(url ?? "");
    const leavesFrame = target === "_top" || target === "_parent";
    if (address.startsWith("shopify:") || (leavesFrame && new URL(address, location.href).origin !== location.origin)) {
      tell("open", { url: address, newTab: !leavesFrame && target !== "_self" });
      return null;
    }
    if (leavesFrame || target === "_self") {
      // Inside the admin the app never is the top page: its own pages load in its frame.
      void withToken(address).then((href) => location.assign(href));
      return null;
    }
    return original(url, target, features);
  };
}

/** Reads the app's navigation element and tells the admin whenever it changes. */
export function defineNavigation(): void {
  class NavMenu extends HTMLElement {
    readonly #observer = new MutationObserver(() => this.#report());

    connectedCallback(): void {
      this.style.display = "none";
      this.#observer.observe(this, { subtree: true, childList: true, attributes: true, characterData: true });
      this.#report();
    }

    disconnectedCallback(): void {
      this.#observer.disconnect();
    }

    #report(): void {
      const links = [...this.querySelectorAll("[href]")].filter((link) => link.getAttribute("rel") !== "home");
      tell("nav", links.map((link): NavItem => ({ label: link.textContent?.trim() ?? "", href: link.getAttribute("href") ?? "" })));
    }
  }
  customElements.define("ui-nav-menu", NavMenu);
  customElements.define("s-app-nav", class extends NavMenu {});
}
