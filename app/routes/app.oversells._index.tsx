// HTTP: Oversells. Stock that was sold and is not there: what is open first, what is over, and what is sold beyond stock on purpose.

import type { LoaderFunctionArgs } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { BlockStack, Box, Card, Text } from "@shopify/polaris";

import { DashboardPage } from "#app/dashboard/components/dashboard-page.tsx";
import { EmptyMessage } from "#app/dashboard/components/empty-message.tsx";
import { ListPages } from "#app/dashboard/components/list-pages.tsx";
import { ApartList } from "#app/dashboard/components/oversells/apart-list.tsx";
import { OversellSearch } from "#app/dashboard/components/oversells/oversell-search.tsx";
import { OversellsList } from "#app/dashboard/components/oversells/oversells-list.tsx";
import { RouteError } from "#app/dashboard/components/route-error.tsx";
import { StockProblems } from "#app/dashboard/components/stock-problems.tsx";
import { useLiveUpdates } from "#app/dashboard/components/use-live-updates.ts";
import { ViewChoice } from "#app/dashboard/components/view-choice.tsx";
import { embeddedContext } from "#app/dashboard/embedded-context.server.ts";
import { formatCapped, plural } from "#app/dashboard/formatting.ts";
import { OVERSELL_VIEW_TERMS, OVERSELL_VIEWS } from "#app/dashboard/oversell-terms.ts";
import { oversellsUrl } from "#app/dashboard/oversell-view.ts";
import { loadOversells, type OversellsPage } from "#app/dashboard/oversells-page.server.ts";
import { PAGE_NAMES } from "#app/dashboard/terms.ts";

export async function loader({ request }: LoaderFunctionArgs) {
  const { dependencies, install, timeZone } = await embeddedContext(request);
  return loadOversells(dependencies, install, timeZone, new URL(request.url).searchParams);
}

export default function Oversells() {
  const page = useLoaderData<typeof loader>();
  useLiveUpdates();
  const { view, search, counts, cards, apart } = page;
  return (
    <DashboardPage title={PAGE_NAMES.oversells} subtitle="Stock that was sold and is not there, and the orders that go short">
      <BlockStack gap="400">
        <div className="hf-edge">
          <BlockStack gap="300">
            <StockProblems chosen="oversells" />
            <ViewChoice name="Which oversells" views={OVERSELL_VIEWS.map((one) => ({ label: labelOf(one, page), url: oversellsUrl(one), chosen: one === view }))} />
          </BlockStack>
        </div>
        <Card padding="0">
          {view === "apart" || !counts.ever ? null : (
            <Box padding="400" borderBlockEndWidth="025" borderColor="border">
              <OversellSearch key={`${view}/${search ?? ""}`} view={view} search={search} />
            </Box>
          )}
          {view === "apart" && apart.length > 0 ? (
            <Box padding="400" borderBlockEndWidth="025" borderColor="border">
              <Text as="p" tone="subdued">
                {OVERSELL_VIEW_TERMS.apart.text}
              </Text>
            </Box>
          ) : null}
          {cards.length + apart.length === 0 ? <Nothing page={page} /> : view === "apart" ? <ApartList cards={apart} /> : <OversellsList cards={cards} nowMs={page.nowMs} timeZone={page.timeZone} />}
        </Card>
        <ListPages newerUrl={pageUrl(page, "newer", page.newerCursor)} olderUrl={pageUrl(page, "older", page.olderCursor)} />
      </BlockStack>
    </DashboardPage>
  );
}

function labelOf(view: (typeof OVERSELL_VIEWS)[number], { counts }: OversellsPage): string {
  const { label } = OVERSELL_VIEW_TERMS[view];
  return view === "open" && counts.open > 0 ? `${label} (${formatCapped(counts.open)})` : label;
}

function Nothing({ page: { view, search, counts } }: { readonly page: OversellsPage }) {
  const { empty, text } = OVERSELL_VIEW_TERMS[view];
  if (search !== null) return <EmptyMessage heading="Nothing matches" text={`No oversell of this view has "${search}" as its item, SKU or order.`} action={{ label: "Show all of this view", url: oversellsUrl(view) }} />;
  if (view === "open" && counts.handled > 0) {
    return <EmptyMessage heading={empty} text={`${plural(counts.handled, "oversell is", "oversells are")} handled and not over yet.`} action={{ label: "Show what is handled", url: oversellsUrl("done") }} />;
  }
  return <EmptyMessage heading={empty} text={text} secondaryAction={{ label: "How oversells are found", url: "/app/help#oversells" }} />;
}

function pageUrl({ view, search }: OversellsPage, direction: "older" | "newer", cursor: string | null): string | null {
  return cursor === null ? null : oversellsUrl(view, { search, [direction]: cursor });
}

export function ErrorBoundary() {
  return <RouteError title={PAGE_NAMES.oversells} back={{ label: PAGE_NAMES.home, url: "/app" }} />;
}
