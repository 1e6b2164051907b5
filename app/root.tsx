// The HTML document around every page; loads App Bridge in the head of embedded pages, where Shopify wants it.
import type { MetaFunction } from "@remix-run/node";
import { Links, Meta, Outlet, Scripts, ScrollRestoration, useLocation, useRouteLoaderData } from "@remix-run/react";
import type { ReactNode } from "react";

import { environment } from "#app/config/environment.server.ts";

const APP_BRIDGE_URL = "https://cdn.shopify.com/shopifycloud/app-bridge.js";

/** Public values only: this runs for everybody, before anybody is authenticated. */
export function loader() {
  const { apiKey, appBridgeUrl } = environment().shopify;
  return { apiKey, appBridgeUrl: appBridgeUrl ?? APP_BRIDGE_URL, againstShopify: appBridgeUrl === null };
}

/** The admin shows each page's own title; this one names the document inside the frame for screen readers. */
export const meta: MetaFunction = () => [{ title: "Holdfast" }];

/** Nothing of it changes while a page is open. */
export function shouldRevalidate(): boolean {
  return false;
}

export function Layout({ children }: { children: ReactNode }) {
  const config = useRouteLoaderData<typeof loader>("root");
  const embedded = useLocation().pathname.startsWith("/app");
  return (
    <html lang="en">
      <head>
        <meta charSet="utf-8" />
        <meta name="viewport" content="width=device-width,initial-scale=1" />
        {embedded && config !== undefined && (
          <>
            <meta name="shopify-api-key" content={config.apiKey} />
            {/* First script of the document and neither async nor deferred: App Bridge patches fetch before the page uses it. */}
            <script src={config.appBridgeUrl} data-api-key={config.apiKey} />
          </>
        )}
        <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
        {config?.againstShopify === true && (
          <>
            {/* The admin's typeface; beside a simulator the page must not wait for the internet. */}
            <link rel="preconnect" href="https://cdn.shopify.com/" />
            <link rel="stylesheet" href="https://cdn.shopify.com/static/fonts/inter/v4/styles.css" />
          </>
        )}
        <Meta />
        <Links />
      </head>
      <body>
        {children}
        <ScrollRestoration />
        <Scripts />
      </body>
    </html>
  );
}

export default function Root() {
  return <Outlet />;
}

/** The last resort, outside of any styling: a page that could not even be laid out. */
export function ErrorBoundary() {
  return (
    <main>
      <h1>This page could not be shown</h1>
      <p>Orders are still received and worked on. Reload the page; if it stays like this, tell whoever runs Holdfast when it happened.</p>
    </main>
  );
}
