// HTTP: Overwritten stock. Numbers that another app or a person wrote without knowing the latest orders, newest first.

import type { LoaderFunctionArgs } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { BlockStack, Card, InlineStack, Text } from "@shopify/polaris";

import { DashboardPage } from "#app/dashboard/components/dashboard-page.tsx";
import { EmptyMessage } from "#app/dashboard/components/empty-message.tsx";
import { ListPages } from "#app/dashboard/components/list-pages.tsx";
import { type Metric, MetricCards } from "#app/dashboard/components/metric-cards.tsx";
import { OverwrittenList } from "#app/dashboard/components/problems/overwritten-list.tsx";
import { RouteError } from "#app/dashboard/components/route-error.tsx";
import { StockProblems } from "#app/dashboard/components/stock-problems.tsx";
import { TextLink } from "#app/dashboard/components/text-link.tsx";
import { useLiveUpdates } from "#app/dashboard/components/use-live-updates.ts";
import { ViewChoice } from "#app/dashboard/components/view-choice.tsx";
import { embeddedContext } from "#app/dashboard/embedded-context.server.ts";
import { formatCapped, formatCount } from "#app/dashboard/formatting.ts";
import { overwrittenUrl } from "#app/dashboard/overwrite-view.ts";
import { loadOverwrittenPage, type OverwrittenPage } from "#app/dashboard/overwritten-page.server.ts";
import { OVERWRITE_VIEW_TERMS, OVERWRITE_VIEWS } from "#app/dashboard/problem-terms.ts";
import { PAGE_NAMES } from "#app/dashboard/terms.ts";

export async function loader({ request }: LoaderFunctionArgs) {
  const { dependencies, install, timeZone } = await embeddedContext(request);
  return loadOverwrittenPage(dependencies, install, timeZone, new URL(request.url).searchParams);
}

export default function Overwritten() {
  const page = useLoaderData<typeof loader>();
  useLiveUpdates();
  const { view, numbers, rows, onlyItem, olderCursor, newerCursor } = page;
  const term = OVERWRITE_VIEW_TERMS[view];
  const narrowed = onlyItem === null ? {} : { item: onlyItem };
  return (
    <DashboardPage title={PAGE_NAMES.overwritten} subtitle="Numbers that another app or a person wrote without knowing the latest orders">
      <BlockStack gap="500">
        <div className="hf-edge">
          <StockProblems chosen="overwritten" />
        </div>
        {numbers.everFound ? <MetricCards heading="Last 24 hours" metrics={metricsOf(page)} /> : null}
        <BlockStack gap="300">
          <div className="hf-edge">
            <BlockStack gap="200">
              <ViewChoice
                name="Which overwrites"
                views={OVERWRITE_VIEWS.map((one) => ({ label: one === "open" && numbers.open > 0 ? `${OVERWRITE_VIEW_TERMS.open.label} (${formatCapped(numbers.open)})` : OVERWRITE_VIEW_TERMS[one].label, url: overwrittenUrl(one, narrowed), chosen: one === view }))}
              />
              {onlyItem === null ? null : (
                <InlineStack gap="200">
                  <Text as="span">{`Only of ${rows[0]?.item ?? "one item"}.`}</Text>
                  <TextLink url={overwrittenUrl(view)}>Show all items</TextLink>
                </InlineStack>
              )}
            </BlockStack>
          </div>
          <Card padding="0">
            {rows.length === 0 ? (
              <EmptyMessage heading={term.empty} text={term.text} {...(view === "all" || !numbers.everFound ? {} : { action: { label: "Show all", url: overwrittenUrl("all") } })} />
            ) : (
              <OverwrittenList rows={rows} nowMs={page.nowMs} timeZone={page.timeZone} />
            )}
          </Card>
          <ListPages newerUrl={newerCursor === null ? null : overwrittenUrl(view, { ...narrowed, newer: newerCursor })} olderUrl={olderCursor === null ? null : overwrittenUrl(view, { ...narrowed, older: olderCursor })} />
        </BlockStack>
      </BlockStack>
    </DashboardPage>
  );
}

function metricsOf({ numbers: { open, lastDay } }: OverwrittenPage): Metric[] {
  const counted = (count: number) => `${formatCount(count)}${lastDay.capped ? "+" : ""}`;
  return [
    { label: "Overwrites", value: counted(lastDay.count), note: lastDay.count === 0 ? "nothing was overwritten" : "in the last 24 hours", url: overwrittenUrl("all") },
    { label: "Items", value: counted(lastDay.stockCount), note: "each once for every location" },
    { label: "Units at risk", value: counted(lastDay.unitsAtRisk), note: `sold and on sale again, of ${counted(lastDay.orderCount)} ${lastDay.orderCount === 1 ? "order" : "orders"}` },
    { label: "Open", value: formatCapped(open), note: "wait for a decision, of any day", url: overwrittenUrl("open") },
  ];
}

export function ErrorBoundary() {
  return <RouteError title={PAGE_NAMES.overwritten} back={{ label: PAGE_NAMES.home, url: "/app" }} />;
}
