// HTTP: Home. What the state is, today's numbers, and the way from watching to protecting.

import { redirect } from "@remix-run/node";
import type { ActionFunctionArgs, LoaderFunctionArgs } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { Banner, BlockStack, Text } from "@shopify/polaris";
import { useState } from "react";

import { ActivityCard } from "#app/dashboard/components/activity-card.tsx";
import { DashboardPage } from "#app/dashboard/components/dashboard-page.tsx";
import { HomeMetrics } from "#app/dashboard/components/home-metrics.tsx";
import { Moment } from "#app/dashboard/components/moment.tsx";
import { RouteError } from "#app/dashboard/components/route-error.tsx";
import { SetupGuide } from "#app/dashboard/components/setup-guide.tsx";
import { TermBadge } from "#app/dashboard/components/term-badge.tsx";
import { useLiveUpdates } from "#app/dashboard/components/use-live-updates.ts";
import { embeddedContext } from "#app/dashboard/embedded-context.server.ts";
import { plural } from "#app/dashboard/formatting.ts";
import { loadHomePage } from "#app/dashboard/home-page.server.ts";
import { setSetupGuideDismissed } from "#app/dashboard/queries/setup-guide.server.ts";
import { MODES, PAGE_NAMES } from "#app/dashboard/terms.ts";

export async function loader({ request }: LoaderFunctionArgs) {
  const { dependencies, install, timeZone } = await embeddedContext(request);
  const query = new URL(request.url).searchParams;
  return loadHomePage(dependencies, install, timeZone, { span: query.get("span") === "week" ? "week" : "day", guideAsked: query.get("guide") === "shown" });
}

export async function action({ request }: ActionFunctionArgs) {
  const { dependencies, install } = await embeddedContext(request);
  const form = await request.formData();
  const intent = form.get("intent");
  if (intent !== "dismiss-setup-guide" && intent !== "show-setup-guide") throw new Response("Unknown intent.", { status: 400 });
  await setSetupGuideDismissed(dependencies.database, install.installId, intent === "dismiss-setup-guide");
  return intent === "dismiss-setup-guide" ? null : redirect("/app?guide=shown");
}

export default function Home() {
  const page = useLoaderData<typeof loader>();
  useLiveUpdates();
  // Decided on arrival: a step that is finished while the page is open must not make the page jump.
  const [guideOnArrival] = useState(page.guide.wanted);
  const { state, numbers, missed } = page;
  return (
    <DashboardPage title={PAGE_NAMES.home} badge={<TermBadge term={MODES[page.mode]} />}>
      <BlockStack gap="500">
        <Banner tone={state.tone} title={state.title} {...(state.action === undefined ? {} : { action: { content: state.action.label, url: state.action.url } })}>
          <Text as="p">{state.text}</Text>
          {numbers.lastNotificationAt === null ? null : (
            <Text as="p" tone="subdued">
              Last notification <Moment at={numbers.lastNotificationAt} nowMs={page.nowMs} timeZone={page.timeZone} />.
            </Text>
          )}
          {missed.lastAt === null ? null : (
            <Text as="p" tone="subdued">
              {plural(missed.count, "order")} whose notifications never came {missed.count === 1 ? "was" : "were"} found and taken in during the last 7 days, most recently{" "}
              <Moment at={missed.lastAt} nowMs={page.nowMs} timeZone={page.timeZone} />.
            </Text>
          )}
        </Banner>
        {guideOnArrival && !page.guide.dismissed ? <SetupGuide page={page} /> : null}
        <HomeMetrics page={page} />
        <ActivityCard span={page.span} hours={page.hours} chart={page.chart} mode={page.mode} timeZone={page.timeZone} />
      </BlockStack>
    </DashboardPage>
  );
}

export function ErrorBoundary() {
  return <RouteError title={PAGE_NAMES.home} back={{ label: "Home", url: "/app" }} />;
}
