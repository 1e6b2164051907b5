// HTTP: the frame of every embedded page. Nothing under /app answers before Shopify's session token was checked here or in the page itself.
import type { HeadersArgs, LinksFunction, LoaderFunctionArgs } from "@remix-run/node";
import { Link, Outlet, isRouteErrorResponse, useLoaderData, useRouteError } from "@remix-run/react";
import { NavMenu } from "@shopify/app-bridge-react";
import { Banner, Page } from "@shopify/polaris";
import polarisStyles from "@shopify/polaris/build/esm/styles.css?url";
import { AppProvider } from "@shopify/shopify-app-remix/react";
import { boundary } from "@shopify/shopify-app-remix/server";
import type { ReactNode } from "react";

import { Arriving } from "#app/dashboard/components/arriving.tsx";
import { ClockNote } from "#app/dashboard/components/clock-note.tsx";
import { useAddressAsLeft, useRememberLists } from "#app/dashboard/components/remembered-lists.ts";
import { PAGE_NAMES } from "#app/dashboard/terms.ts";
import { authenticate, withCorrectedHeaders } from "#app/shopify.server.ts";

export const links: LinksFunction = () => [{ rel: "stylesheet", href: polarisStyles }];

export async function loader({ request }: LoaderFunctionArgs) {
  const { session } = await authenticate.admin(request).catch((thrown: unknown) => {
    throw withCorrectedHeaders(thrown);
  });
  return { shop: session.shop };
}

/** Nothing of it changes while a page is open. */
export function shouldRevalidate(): boolean {
  return false;
}

/** What the admin's navigation names below the app, whose own name leads Home. */
const NAVIGATION = ["oversells", "history", "busy", "holds", "review", "settings", "help"] as const;

export default function EmbeddedApp() {
  const { shop } = useLoaderData<typeof loader>();
  useRememberLists(shop);
  const addressAsLeft = useAddressAsLeft();
  return (
    <Frame>
      <NavMenu>
        {/* App Bridge wants the home page first and does not show it: the app's name leads there. */}
        <Link to="/app" rel="home">
          {PAGE_NAMES.home}
        </Link>
        {NAVIGATION.map((page) => (
          <Link key={page} to={addressAsLeft(`/app/${page}`)}>
            {PAGE_NAMES[page]}
          </Link>
        ))}
      </NavMenu>
      <main>
        <Arriving>
          <Outlet />
          <ClockNote />
        </Arriving>
      </main>
    </Frame>
  );
}

/** The script tag is in the document's head already (app/root.tsx), so the provider adds none; it still makes links stay in the app. */
function Frame({ children }: { children: ReactNode }) {
  return (
    <AppProvider isEmbeddedApp={false} apiKey="">
      {children}
    </AppProvider>
  );
}

/** Shopify's library throws Responses that lead out of the frame or to a new session token; those it must render itself, refusals are ours. */
export function ErrorBoundary() {
  const error = useRouteError();
  if (isRouteErrorResponse(error) && (error.status < 400 || error.status === 401)) return boundary.error(error);
  return (
    <Frame>
      <main>
        <Page title="Holdfast">
          <Banner tone="critical" title="This page could not be shown" action={{ content: "Reload", onAction: () => window.location.reload() }}>
            <p>Orders are still received and worked on. If it stays like this, tell whoever runs Holdfast when it happened.</p>
          </Banner>
        </Page>
      </main>
    </Frame>
  );
}

export function headers(headersArgs: HeadersArgs): Headers {
  return boundary.headers(headersArgs);
}
