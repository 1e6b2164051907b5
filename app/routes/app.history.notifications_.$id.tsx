// HTTP: one notification. When it happened, came, came again, was worked on, and what it led to.

import type { LoaderFunctionArgs } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { BlockStack, Card, Text } from "@shopify/polaris";

import { ChangesList } from "#app/dashboard/components/changes-list.tsx";
import { Copyable } from "#app/dashboard/components/copyable.tsx";
import { DashboardPage } from "#app/dashboard/components/dashboard-page.tsx";
import { Facts } from "#app/dashboard/components/facts.tsx";
import { RouteError } from "#app/dashboard/components/route-error.tsx";
import { ReplayOne } from "#app/dashboard/components/replay-one.tsx";
import { Story } from "#app/dashboard/components/story.tsx";
import { TermBadge } from "#app/dashboard/components/term-badge.tsx";
import { TextLink } from "#app/dashboard/components/text-link.tsx";
import { embeddedContext } from "#app/dashboard/embedded-context.server.ts";
import { loadNotification } from "#app/dashboard/notification-page.server.ts";
import { readRowId } from "#app/dashboard/queries/row-id.ts";
import { DELIVERY_STATES, PAGE_NAMES, termFor, topicText } from "#app/dashboard/terms.ts";

const BACK = { label: PAGE_NAMES.notifications, url: "/app/history/notifications" };

export async function loader({ request, params }: LoaderFunctionArgs) {
  const { dependencies, install, timeZone } = await embeddedContext(request);
  const id = readRowId(params.id);
  const page = id === null ? null : await loadNotification(dependencies, install, timeZone, id);
  if (page === null) throw new Response("There is no such notification in this shop.", { status: 404 });
  return page;
}

export default function Notification() {
  const { item, eventId, traceId, steps, rows, byAnother, more, nowMs, timeZone } = useLoaderData<typeof loader>();
  const name = topicText(item.topic);
  const facts = [
    { name: "Topic", value: <span className="hf-code">{item.topic}</span> },
    ...(item.orderId === null ? [] : [{ name: "Order", value: <TextLink url={`/app/history/orders/${item.orderId}`}>{item.orderName ?? item.orderId}</TextLink> }]),
    { name: "Webhook id", value: <Copyable value={item.webhookId} name="webhook id" /> },
    ...(eventId === null ? [] : [{ name: "Event id", value: <Copyable value={eventId} name="event id" /> }]),
    { name: "Trace id", value: <Copyable value={traceId} name="trace id" /> },
  ];
  const title = `${name ?? item.topic}${item.orderName === null ? "" : ` · order ${item.orderName}`}`;
  return (
    <DashboardPage title={title} subtitle="Notification" back={BACK} badge={<TermBadge term={termFor(DELIVERY_STATES, item.state)} />}>
      <BlockStack gap="400">
        <ReplayOne item={item} />
        <Card>
          <Facts facts={facts} />
        </Card>
        <Card>
          <BlockStack gap="400">
            <Text as="h2" variant="headingMd">
              What happened to it
            </Text>
            <Story steps={steps} nowMs={nowMs} timeZone={timeZone} />
          </BlockStack>
        </Card>
        {rows.length === 0 ? null : (
          <Card padding="0">
            <div className="hf-card">
              <Text as="h2" variant="headingMd">
                {`${more ? "The newest changes" : "The changes"} ${byAnother ? "of its order" : "it led to"}`}
              </Text>
            </div>
            <ChangesList rows={rows} nowMs={nowMs} timeZone={timeZone} />
          </Card>
        )}
      </BlockStack>
    </DashboardPage>
  );
}

export function ErrorBoundary() {
  return <RouteError title="Notification" back={BACK} />;
}
