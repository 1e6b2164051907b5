// HTTP: one oversell: what is missing and who goes short, what can be done, how it came about, and its whole way step by step.

import type { ActionFunctionArgs, LoaderFunctionArgs } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { BlockStack, Card, Text } from "@shopify/polaris";

import { DashboardPage } from "#app/dashboard/components/dashboard-page.tsx";
import { Facts, type Fact } from "#app/dashboard/components/facts.tsx";
import { Moment } from "#app/dashboard/components/moment.tsx";
import { MovableStock } from "#app/dashboard/components/oversells/movable-stock.tsx";
import { OversellHandling } from "#app/dashboard/components/oversells/oversell-handling.tsx";
import { OversellOrders } from "#app/dashboard/components/oversells/oversell-orders.tsx";
import { OversellPicture } from "#app/dashboard/components/oversells/oversell-picture.tsx";
import { OversellTimeLine } from "#app/dashboard/components/oversells/oversell-time-line.tsx";
import { OversellWhy } from "#app/dashboard/components/oversells/oversell-why.tsx";
import { useOversellAct } from "#app/dashboard/components/oversells/use-oversell-act.ts";
import { RouteError } from "#app/dashboard/components/route-error.tsx";
import { TermBadge } from "#app/dashboard/components/term-badge.tsx";
import { TextLink } from "#app/dashboard/components/text-link.tsx";
import { useLiveUpdates } from "#app/dashboard/components/use-live-updates.ts";
import { embeddedContext } from "#app/dashboard/embedded-context.server.ts";
import { formatDuration, formatQuantity, plural } from "#app/dashboard/formatting.ts";
import { actOnOversell } from "#app/dashboard/oversell-acts.server.ts";
import { oversellTerm } from "#app/dashboard/oversell-terms.ts";
import { shortSentence } from "#app/dashboard/oversell-view.ts";
import { loadOversell, type OversellDetail } from "#app/dashboard/oversells-page.server.ts";
import { readRowId } from "#app/dashboard/queries/row-id.ts";
import { PAGE_NAMES } from "#app/dashboard/terms.ts";
import { oversellPorts } from "#app/dashboard/wiring.server.ts";

export async function loader({ request, params }: LoaderFunctionArgs) {
  const { dependencies, install, timeZone } = await embeddedContext(request);
  const detail = await loadOversell(dependencies, install, timeZone, params.id);
  if (detail === null) throw new Response("There is no such oversell in this shop.", { status: 404 });
  return detail;
}

export async function action({ request, params }: ActionFunctionArgs) {
  const context = await embeddedContext(request);
  return actOnOversell(oversellPorts(), context, readRowId(params.id), await request.formData());
}

export default function Oversell() {
  const page = useLoaderData<typeof loader>();
  return <OversellPage key={page.id} page={page} />;
}

function OversellPage({ page }: { readonly page: OversellDetail }) {
  const acts = useOversellAct(page.id);
  useLiveUpdates();
  const { incident, heading, location } = page;
  return (
    <DashboardPage
      title={heading}
      subtitle={location}
      back={{ label: PAGE_NAMES.oversells, url: "/app/oversells" }}
      badge={<TermBadge term={oversellTerm({ ...incident, handled: incident.handledAt !== null })} />}
    >
      <BlockStack gap="400">
        <Card>
          <BlockStack gap="300">
            <Text as="h2" variant="headingMd">
              {sentenceOf(page)}
            </Text>
            <Facts facts={factsOf(page)} />
          </BlockStack>
        </Card>
        <div id="orders">
          <OversellOrders page={page} acts={acts} />
        </div>
        <MovableStock page={page} />
        <div id="picture">
          <OversellPicture page={page} />
        </div>
        <OversellWhy page={page} />
        <OversellHandling page={page} acts={acts} />
        <OversellTimeLine page={page} />
      </BlockStack>
    </DashboardPage>
  );
}

function sentenceOf({ incident, orders }: OversellDetail): string {
  const short = orders.filter(({ verdict }) => verdict === "short");
  return shortSentence({ ...incident, shortOrders: short.slice(0, 3), shortOrderCount: short.length });
}

function factsOf({ incident, nowMs, timeZone, availableNow, item, orders }: OversellDetail): Fact[] {
  const { openedAt, closedAt } = incident;
  const held = orders.filter(({ hold }) => hold === "held").length;
  return [
    { name: "What this means", value: oversellTerm({ ...incident, handled: incident.handledAt !== null }).meaning },
    {
      name: closedAt === null ? "Since" : "From, until",
      value: (
        <>
          <Moment at={openedAt} nowMs={nowMs} timeZone={timeZone} exact />
          {closedAt === null ? `, for ${formatDuration(nowMs - openedAt.getTime())}` : null}
          {closedAt === null ? null : (
            <>
              {" to "}
              <Moment at={closedAt} nowMs={nowMs} timeZone={timeZone} exact />
              {`, ${formatDuration(closedAt.getTime() - openedAt.getTime())}`}
            </>
          )}
        </>
      ),
    },
    { name: "Available now", value: <TextLink url="#picture">{formatQuantity(availableNow)}</TextLink> },
    { name: "On hold", value: held === 0 ? "no order" : plural(held, "order") },
    { name: "Item", value: incident.sku === null || incident.sku === item ? item : `${item} (${incident.sku})` },
  ];
}

export function ErrorBoundary() {
  return <RouteError title="Oversell" back={{ label: PAGE_NAMES.oversells, url: "/app/oversells" }} />;
}
