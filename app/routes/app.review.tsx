// HTTP: Needs review. What stopped, why, and what a person does about it.

import type { ActionFunctionArgs, LoaderFunctionArgs } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { Banner, BlockStack, Text } from "@shopify/polaris";

import { DashboardPage } from "#app/dashboard/components/dashboard-page.tsx";
import { ListPages } from "#app/dashboard/components/list-pages.tsx";
import { ReasonChoice } from "#app/dashboard/components/review/reason-choice.tsx";
import { ReasonGuide } from "#app/dashboard/components/review/reason-guide.tsx";
import { ReviewDesk } from "#app/dashboard/components/review/review-desk.tsx";
import { FailedAlerts, ParkedPushes } from "#app/dashboard/components/review/undelivered.tsx";
import { RouteError } from "#app/dashboard/components/route-error.tsx";
import { embeddedContext } from "#app/dashboard/embedded-context.server.ts";
import { plural } from "#app/dashboard/formatting.ts";
import { holdsUrl } from "#app/dashboard/hold-view.ts";
import { readHoldNumbers } from "#app/dashboard/queries/hold-numbers.server.ts";
import { reviewQuery } from "#app/dashboard/review-address.ts";
import { decideReviewSafely, loadReviewPage } from "#app/dashboard/review-page.server.ts";
import { refusedToPerson } from "#app/dashboard/staff-permission.server.ts";
import { PAGE_NAMES } from "#app/dashboard/terms.ts";
import { loadUndelivered } from "#app/dashboard/undelivered-page.server.ts";
import { undeliveredPorts } from "#app/dashboard/wiring.server.ts";

export async function loader({ request }: LoaderFunctionArgs) {
  const { dependencies, install, timeZone } = await embeddedContext(request);
  const [review, undelivered, holds] = await Promise.all([
    loadReviewPage(dependencies, install, timeZone, new URL(request.url).searchParams),
    loadUndelivered(dependencies, undeliveredPorts(), install),
    readHoldNumbers(dependencies.database, install.installId),
  ]);
  return { ...review, undelivered, holdsWaiting: holds.waitingForPerson };
}

export async function action({ request }: ActionFunctionArgs) {
  const context = await embeddedContext(request);
  return (await refusedToPerson(context)) ?? decideReviewSafely(context, await request.formData());
}

export default function Review() {
  const page = useLoaderData<typeof loader>();
  const { why, counts, total, olderCursor, newerCursor } = page;
  return (
    <DashboardPage title={PAGE_NAMES.review} subtitle="Holdfast stopped here on purpose, where guessing could have counted stock wrongly">
      <BlockStack gap="400">
        {total === 0 && why === "" ? null : (
          <>
            <div className="hf-edge">
              <ReasonChoice counts={counts} total={total} why={why} />
            </div>
            <ReasonGuide key={why} reasons={why === "" ? counts.map(({ reason }) => reason) : [why]} chosen={why} />
          </>
        )}
        {page.holdsWaiting === 0 ? null : (
          <Banner tone="warning" title={plural(page.holdsWaiting, "hold needs your decision", "holds need your decision")} action={{ content: "Decide", url: holdsUrl("person") }}>
            <Text as="p">What was paid for in your own checkout stays out of sale until its order takes its stock, or you say what became of it.</Text>
          </Banner>
        )}
        <ReviewDesk key={why} page={page} othersWait={page.holdsWaiting > 0 || page.undelivered.pushes.length > 0 || page.undelivered.alerts.length > 0} />
        <ListPages
          newerUrl={newerCursor === null ? null : `/app/review${reviewQuery(why, { newer: newerCursor })}`}
          olderUrl={olderCursor === null ? null : `/app/review${reviewQuery(why, { older: olderCursor })}`}
        />
        <ParkedPushes page={page.undelivered} nowMs={page.nowMs} timeZone={page.timeZone} />
        <FailedAlerts page={page.undelivered} nowMs={page.nowMs} timeZone={page.timeZone} />
      </BlockStack>
    </DashboardPage>
  );
}

export function ErrorBoundary() {
  return <RouteError title={PAGE_NAMES.review} back={{ label: PAGE_NAMES.home, url: "/app" }} />;
}
