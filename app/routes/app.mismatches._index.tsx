// HTTP: Stock mismatches. What comparisons with Shopify found different, how the present one comes on, and the way to ask for one.

import type { ActionFunctionArgs, LoaderFunctionArgs } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { Banner, BlockStack, Card, InlineStack, Text } from "@shopify/polaris";

import { DashboardPage } from "#app/dashboard/components/dashboard-page.tsx";
import { EmptyMessage } from "#app/dashboard/components/empty-message.tsx";
import { ListPages } from "#app/dashboard/components/list-pages.tsx";
import { CheckStock } from "#app/dashboard/components/problems/check-stock.tsx";
import { MismatchList } from "#app/dashboard/components/problems/mismatch-list.tsx";
import { RouteError } from "#app/dashboard/components/route-error.tsx";
import { StockProblems } from "#app/dashboard/components/stock-problems.tsx";
import { TextLink } from "#app/dashboard/components/text-link.tsx";
import { useLiveUpdates } from "#app/dashboard/components/use-live-updates.ts";
import { ViewChoice } from "#app/dashboard/components/view-choice.tsx";
import { askForCheck } from "#app/dashboard/correction-acts.server.ts";
import { embeddedContext } from "#app/dashboard/embedded-context.server.ts";
import { formatCapped } from "#app/dashboard/formatting.ts";
import { mismatchesUrl } from "#app/dashboard/mismatch-view.ts";
import { loadMismatchesPage } from "#app/dashboard/mismatches-page.server.ts";
import { MISMATCH_VIEW_TERMS, MISMATCH_VIEWS } from "#app/dashboard/problem-terms.ts";
import { PAGE_NAMES } from "#app/dashboard/terms.ts";
import { correctionPorts } from "#app/dashboard/wiring.server.ts";

export async function loader({ request }: LoaderFunctionArgs) {
  const { dependencies, install, timeZone } = await embeddedContext(request);
  return loadMismatchesPage(dependencies, install, timeZone, new URL(request.url).searchParams);
}

export async function action({ request }: ActionFunctionArgs) {
  return askForCheck(correctionPorts(), await embeddedContext(request));
}

export default function Mismatches() {
  const page = useLoaderData<typeof loader>();
  useLiveUpdates();
  const { view, numbers, scans, rows, onlyItem, olderCursor, newerCursor } = page;
  const term = MISMATCH_VIEW_TERMS[view];
  const narrowed = onlyItem === null ? {} : { item: onlyItem };
  return (
    <DashboardPage title={PAGE_NAMES.mismatches} subtitle="Where Shopify's number is another than the one Holdfast knows">
      <BlockStack gap="500">
        <div className="hf-edge">
          <StockProblems chosen="mismatches" />
        </div>
        <CheckStock scans={scans} nowMs={page.nowMs} timeZone={page.timeZone} />
        {numbers.proposed === 0 || view !== "open" ? null : (
          <Banner tone="warning" title={numbers.proposed === 1 ? "1 mismatch has a correction to send" : `${formatCapped(numbers.proposed)} mismatches have a correction to send`}>
            <Text as="p">Holdfast can prove that a change of its own counted twice or not at all. Open it to see the proof and exactly what would be sent.</Text>
          </Banner>
        )}
        <BlockStack gap="300">
          <div className="hf-edge">
            <BlockStack gap="200">
              <ViewChoice
                name="Which mismatches"
                views={MISMATCH_VIEWS.map((one) => ({ label: one === "open" && numbers.open > 0 ? `${MISMATCH_VIEW_TERMS.open.label} (${formatCapped(numbers.open)})` : MISMATCH_VIEW_TERMS[one].label, url: mismatchesUrl(one, narrowed), chosen: one === view }))}
              />
              {onlyItem === null ? null : (
                <InlineStack gap="200">
                  <Text as="span">{`Only of ${rows[0]?.item ?? "one item"}.`}</Text>
                  <TextLink url={mismatchesUrl(view)}>Show all items</TextLink>
                </InlineStack>
              )}
            </BlockStack>
          </div>
          <Card padding="0">
            {rows.length === 0 ? (
              <EmptyMessage heading={term.empty} text={term.text} {...(view === "all" || !numbers.everFound ? {} : { action: { label: "Show all", url: mismatchesUrl("all") } })} />
            ) : (
              <MismatchList rows={rows} nowMs={page.nowMs} timeZone={page.timeZone} />
            )}
          </Card>
          <ListPages newerUrl={newerCursor === null ? null : mismatchesUrl(view, { ...narrowed, newer: newerCursor })} olderUrl={olderCursor === null ? null : mismatchesUrl(view, { ...narrowed, older: olderCursor })} />
        </BlockStack>
      </BlockStack>
    </DashboardPage>
  );
}

export function ErrorBoundary() {
  return <RouteError title={PAGE_NAMES.mismatches} back={{ label: PAGE_NAMES.home, url: "/app" }} />;
}
