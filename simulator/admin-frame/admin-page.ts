// The HTML of the simulated admin: the list of shops, and one shop's admin with the app in a frame.
import type { PageLink } from "../options.ts";
import type { ShopState } from "../world/state.ts";

export type AdminPageInput = {
  shop: ShopState;
  appName: string;
  appHandle: string;
  /** Where the frame starts, session token included. */
  frameUrl: string;
  appOrigin: string;
  links: readonly PageLink[];
};

/** What the page's script needs to know; it reads the rest through the simulator's API. */
export type PageSettings = { shop: string; shopName: string; appName: string; appBase: string; appOrigin: string };

export function adminPage(input: AdminPageInput): string {
  const { shop, appName } = input;
  const appBase = `/store/${shop.domain}/apps/${input.appHandle}`;
  const settings: PageSettings = { shop: shop.domain, shopName: shop.name, appName, appBase, appOrigin: input.appOrigin };
  return documentOf(
    `${appName} · ${shop.name}`,
    `<header class="top">
  <a class="brand" href="/" title="All simulated shops">simulated admin</a>
  <div class="save-bar" id="save-bar" hidden role="region" aria-label="Unsaved changes">
    <span>Unsaved changes</span>
    <button id="save-bar-discard" type="button">Discard</button>
    <button id="save-bar-save" type="button" class="primary">Save</button>
  </div>
  <span class="shop">${escape(shop.name)} <small>${escape(shop.plan)}</small></span>
  <div class="progress" id="progress" hidden></div>
</header>
<div class="body">
  <nav class="side" aria-label="Admin">
    <span class="muted">Home</span><span class="muted">Orders</span><span class="muted">Products</span>
    <h2>Apps</h2>
    <a class="app" href="${escape(appBase)}/app" data-app-href="/app">${escape(appName)}</a>
    <div id="app-nav"></div>${linksOf(input.links)}
  </nav>
  <main>
    <div class="title"><h1 id="app-title">${escape(appName)}</h1><div id="title-buttons"></div></div>
    <iframe id="app-frame" name="app-iframe" title="${escape(appName)}" data-src="${escape(input.frameUrl)}" allow="clipboard-write"></iframe>
  </main>
  <aside class="world" aria-label="What happens in the shop">
    <h2>The shop, from outside</h2>
    <p class="muted">What a merchant's shop does while the app looks on. Numbers are Shopify's own.</p>
    <section class="buttons">
      <button type="button" class="primary" id="flash-sale">Start a flash sale</button>
      <button type="button" id="web-sale">Buy 1 in the online store</button>
      <label><input type="checkbox" id="mischief"> Send webhooks twice, late and out of order</label>
    </section>
    <p id="sale-status" role="status"></p>
    <section><h3>Stock</h3><table id="stock"><thead><tr><th>Item</th><th>Available</th><th>Committed</th></tr></thead><tbody></tbody></table></section>
    <section><h3>Last orders <small id="order-count"></small></h3><ul id="orders"></ul></section>
    <section><h3>Last changes of stock</h3><ol id="truth"></ol></section>
  </aside>
</div>
<div id="toasts" aria-live="polite"></div>
<script type="application/json" id="page-settings">${JSON.stringify(settings).replaceAll("<", "\\u003c")}</script>
<script type="module" src="/admin-frame/admin/admin-page.ts"></script>`,
  );
}

function linksOf(links: readonly PageLink[]): string {
  if (links.length === 0) return "";
  const items = links.map(({ title, url }) => `<a href="${escape(url)}" target="_blank" rel="noopener">${escape(title)}</a>`);
  return `\n    <h2>Beside the shop</h2>\n    ${items.join("\n    ")}`;
}

export function shopList(shops: readonly ShopState[], appHandle: string): string {
  const rows = shops.map(
    (shop) => `<li><a href="/store/${escape(shop.domain)}/apps/${escape(appHandle)}/app">${escape(shop.name)}</a>
      <span class="muted">${escape(shop.domain)}, plan ${escape(shop.plan)}, ${shop.install ? "app installed" : "app not installed"}, ${shop.orders.size} orders</span></li>`,
  );
  const list = rows.length > 0 ? `<ul>${rows.join("")}</ul>` : "<p>There is no shop yet. Make one with <code>POST /sim/shops</code>.</p>";
  return documentOf("Simulated shops", `<header class="top"><a class="brand" href="/">simulated admin</a></header><div class="list"><h1>Shops</h1>${list}</div>`);
}

export function noticePage(title: string, text: string): string {
  return documentOf(title, `<header class="top"><a class="brand" href="/">simulated admin</a></header><div class="list"><h1>${escape(title)}</h1><p>${escape(text)}</p></div>`);
}

function documentOf(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/admin-frame/admin.css">
</head>
<body>
${body}
</body>
</html>
`;
}

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? character);
}
