// HTTP: Holds. What is put aside for checkouts right now, item by item, how holds fare, and the way to release them all.

import type { ActionFunctionArgs, LoaderFunctionArgs } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { Banner, BlockStack, Card, Text } from "@shopify/polaris";

import { DashboardPage } from "#app/dashboard/components/dashboard-page.tsx";
import { EmptyMessage } from "#app/dashboard/components/empty-message.tsx";
import { HeldStock } from "#app/dashboard/components/holds/held-stock.tsx";
import { HoldMetrics } from "#app/dashboard/components/holds/hold-metrics.tsx";
import { HoldOutcome } from "#app/dashboard/components/holds/hold-outcome.tsx";
import { RefusedStock } from "#app/dashboard/components/holds/refused-stock.tsx";
import { ReleaseAll } from "#app/dashboard/components/holds/release-all.tsx";
import { useHoldAct } from "#app/dashboard/components/holds/use-hold-act.ts";
import { ListPages } from "#app/dashboard/components/list-pages.tsx";
import { RouteError } from "#app/dashboard/components/route-error.tsx";
import { useLiveUpdates } from "#app/dashboard/components/use-live-updates.ts";
import { embeddedContext } from "#app/dashboard/embedded-context.server.ts";
import { formatCapped } from "#app/dashboard/formatting.ts";
import { actOnHolds } from "#app/dashboard/hold-acts.server.ts";
import { holdsUrl } from "#app/dashboard/hold-view.ts";
import { loadHoldsPage, type HoldsPage } from "#app/dashboard/holds-page.server.ts";
import { refusedToPerson } from "#app/dashboard/staff-permission.server.ts";
import { PAGE_NAMES } from "#app/dashboard/terms.ts";
import { holdPorts } from "#app/dashboard/wiring.server.ts";

export async function loader({ request }: LoaderFunctionArgs) {
  const { dependencies, install, timeZone } = await embeddedContext(request);
  return loadHoldsPage(dependencies, install, timeZone, new URL(request.url).searchParams);
}

export async function action({ request }: ActionFunctionArgs) {
  const context = await embeddedContext(request);
  return (await refusedToPerson(context)) ?? actOnHolds(holdPorts(), context, await request.formData());
}

export default function Holds() {
  const page = useLoaderData<typeof loader>();
  const act = useHoldAct("/app/holds?index");
  useLiveUpdates();
  const { numbers } = page;
  if (!numbers.everUsed) return <NeverUsed />;
  return (
    <DashboardPage
      title={PAGE_NAMES.holds}
      subtitle="Stock that is put aside while a buyer pays in your own checkout"
      secondaryActions={[{ content: "All holds", url: holdsUrl("all") }]}
    >
      <BlockStack gap="500">
        <HoldOutcome answer={act.answer} />
        <Waiting numbers={numbers} />
        <HoldMetrics page={page} />
        <BlockStack gap="300">
          <div className="hf-edge hf-heading">
            <Text as="h2" variant="headingMd">
              Put aside right now
            </Text>
            <ReleaseAll numbers={numbers} act={act} />
          </div>
          <Card padding="0">
            {page.stock.length === 0 ? (
              <EmptyMessage heading="Nothing is put aside right now" text="Items show up here while a checkout has units of them on hold, and for a few minutes after." />
            ) : (
              <HeldStock rows={page.stock} nowMs={page.nowMs} timeZone={page.timeZone} />
            )}
          </Card>
          <ListPages newerUrl={pageUrl(page, "newer", page.previousCursor)} olderUrl={pageUrl(page, "older", page.nextCursor)} labels={{ newer: "Previous", older: "Next" }} />
        </BlockStack>
        <RefusedStock page={page} />
      </BlockStack>
    </DashboardPage>
  );
}

function pageUrl({ span }: HoldsPage, direction: "older" | "newer", cursor: string | null): string | null {
  return cursor === null ? null : `/app/holds?${new URLSearchParams({ ...(span === "week" ? { span } : {}), [direction]: cursor }).toString()}`;
}

function Waiting({ numbers }: Pick<HoldsPage, "numbers">) {
  const { waitingForPerson, refundsRequired } = numbers;
  if (waitingForPerson === 0 && refundsRequired === 0) return null;
  // One block: between banners Polaris keeps a distance by itself.
  return (
    <div>
      {waitingForPerson === 0 ? null : (
        <Banner
          tone="warning"
          title={waitingForPerson === 1 ? "1 hold needs your decision" : `${formatCapped(waitingForPerson)} holds need your decision`}
          action={{ content: "Decide", url: holdsUrl("person") }}
        >
          <Text as="p">What was paid for in your own checkout stays out of sale until its order takes its stock, or you say what became of it.</Text>
        </Banner>
      )}
      {refundsRequired === 0 ? null : (
        <Banner
          tone="critical"
          title={refundsRequired === 1 ? "1 payment came too late this week" : `${formatCapped(refundsRequired)} payments came too late this week`}
          action={{ content: "See which", url: holdsUrl("refund") }}
        >
          <Text as="p">The hold had lapsed and its units were gone. Your checkout was told to give the money back; make sure that it did.</Text>
        </Banner>
      )}
    </div>
  );
}

function NeverUsed() {
  return (
    <DashboardPage title={PAGE_NAMES.holds} subtitle="Stock that is put aside while a buyer pays in your own checkout">
      <Card padding="0">
        <EmptyMessage
          heading="No checkout has asked for a hold yet"
          text="If you sell through a checkout of your own, two buyers can pay for the last unit at the same moment. With a hold your checkout asks Holdfast first: one buyer gets the unit, the other a clear no before any money moves. Shopify's own checkout needs none of this: it keeps stock itself."
          action={{ label: "Make an API token", url: "/app/settings/tokens" }}
          secondaryAction={{ label: "See how it works", url: "/app/help#holds" }}
        />
      </Card>
    </DashboardPage>
  );
}

export function ErrorBoundary() {
  return <RouteError title={PAGE_NAMES.holds} back={{ label: PAGE_NAMES.home, url: "/app" }} />;
}
