// HTTP: Needs review. What stopped, why, and what a person does about it.

import type { ActionFunctionArgs, LoaderFunctionArgs } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { BlockStack } from "@shopify/polaris";

import { DashboardPage } from "#app/dashboard/components/dashboard-page.tsx";
import { ListPages } from "#app/dashboard/components/list-pages.tsx";
import { ReasonChoice } from "#app/dashboard/components/review/reason-choice.tsx";
import { ReasonGuide } from "#app/dashboard/components/review/reason-guide.tsx";
import { ReviewDesk } from "#app/dashboard/components/review/review-desk.tsx";
import { RouteError } from "#app/dashboard/components/route-error.tsx";
import { embeddedContext } from "#app/dashboard/embedded-context.server.ts";
import { reviewQuery } from "#app/dashboard/review-address.ts";
import { decideReviewSafely, loadReviewPage } from "#app/dashboard/review-page.server.ts";
import { PAGE_NAMES } from "#app/dashboard/terms.ts";

export async function loader({ request }: LoaderFunctionArgs) {
  const { dependencies, install, timeZone } = await embeddedContext(request);
  return loadReviewPage(dependencies, install, timeZone, new URL(request.url).searchParams);
}

export async function action({ request }: ActionFunctionArgs) {
  const context = await embeddedContext(request);
  return decideReviewSafely(context, await request.formData());
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
        <ReviewDesk key={why} page={page} />
        <ListPages
          newerUrl={newerCursor === null ? null : `/app/review${reviewQuery(why, { newer: newerCursor })}`}
          olderUrl={olderCursor === null ? null : `/app/review${reviewQuery(why, { older: olderCursor })}`}
        />
      </BlockStack>
    </DashboardPage>
  );
}

export function ErrorBoundary() {
  return <RouteError title={PAGE_NAMES.review} back={{ label: PAGE_NAMES.home, url: "/app" }} />;
}
