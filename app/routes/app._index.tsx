// HTTP: Home. What the state is and what to do first, today's numbers, what was prevented, how the connection fares, and the way from watching to protecting.

import { redirect } from "@remix-run/node";
import type { ActionFunctionArgs, LoaderFunctionArgs } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { BlockStack } from "@shopify/polaris";
import { useState } from "react";

import { DashboardPage } from "#app/dashboard/components/dashboard-page.tsx";
import { ActivityCard } from "#app/dashboard/components/home/activity-card.tsx";
import { HealthCard } from "#app/dashboard/components/home/health-card.tsx";
import { HomeBanner } from "#app/dashboard/components/home/home-banner.tsx";
import { HomeMetrics } from "#app/dashboard/components/home/home-metrics.tsx";
import { PreventedCard } from "#app/dashboard/components/home/prevented-card.tsx";
import { SetupGuide } from "#app/dashboard/components/home/setup-guide.tsx";
import { RouteError } from "#app/dashboard/components/route-error.tsx";
import { TermBadge } from "#app/dashboard/components/term-badge.tsx";
import { useLiveUpdates } from "#app/dashboard/components/use-live-updates.ts";
import { embeddedContext } from "#app/dashboard/embedded-context.server.ts";
import { loadHomePage } from "#app/dashboard/home-page.server.ts";
import { setSetupGuideDismissed } from "#app/dashboard/queries/setup-guide.server.ts";
import { MODES, PAGE_NAMES } from "#app/dashboard/terms.ts";

export async function loader({ request }: LoaderFunctionArgs) {
  const { dependencies, install, timeZone } = await embeddedContext(request);
  const query = new URL(request.url).searchParams;
  return loadHomePage(dependencies, install, timeZone, { span: query.get("span") === "week" ? "week" : "day", guideAsked: query.get("guide") === "shown" });
}

export async function action({ request }: ActionFunctionArgs) {
  const { dependencies, install, grantedScopesNow } = await embeddedContext(request);
  const form = await request.formData();
  const setDismissed = (dismissed: boolean) => setSetupGuideDismissed(dependencies.database, install.installId, dismissed);
  switch (form.get("intent")) {
    case "dismiss-setup-guide":
      await setDismissed(true);
      return null;
    case "show-setup-guide":
      await setDismissed(false);
      return redirect("/app?guide=shown");
    case "read-permissions":
      await grantedScopesNow();
      return { kind: "permissions_read" } as const;
    default:
      throw new Response("Unknown intent.", { status: 400 });
  }
}

export default function Home() {
  const page = useLoaderData<typeof loader>();
  useLiveUpdates();
  // Decided on arrival: a step that is finished while the page is open must not make the page jump.
  const [guideOnArrival] = useState(page.guide.wanted);
  return (
    <DashboardPage title={PAGE_NAMES.home} badge={<TermBadge term={MODES[page.mode]} />}>
      <BlockStack gap="500">
        <HomeBanner state={page.state} />
        {guideOnArrival && !page.guide.dismissed ? <SetupGuide steps={page.guide.steps} /> : null}
        <HomeMetrics page={page} />
        <ActivityCard span={page.span} steps={page.steps} chart={page.chart} mode={page.mode} timeZone={page.timeZone} />
        <PreventedCard lines={page.prevented} />
        <HealthCard lines={page.health} />
      </BlockStack>
    </DashboardPage>
  );
}

export function ErrorBoundary() {
  return <RouteError title={PAGE_NAMES.home} back={{ label: "Home", url: "/app" }} />;
}
