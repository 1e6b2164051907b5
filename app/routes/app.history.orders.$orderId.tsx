// HTTP: the stock record of one order: what was received, what was decided, what became of every unit.

import type { LoaderFunctionArgs } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { Banner, BlockStack, Button, Card, InlineStack, List, Text } from "@shopify/polaris";

import { CopyTextButton } from "#app/dashboard/components/copy-text-button.tsx";
import { DashboardPage } from "#app/dashboard/components/dashboard-page.tsx";
import { DeliveriesList } from "#app/dashboard/components/deliveries-list.tsx";
import { Facts } from "#app/dashboard/components/facts.tsx";
import { OrderRecordLines } from "#app/dashboard/components/order-record-lines.tsx";
import { RouteError } from "#app/dashboard/components/route-error.tsx";
import { TermBadge } from "#app/dashboard/components/term-badge.tsx";
import { TextLink } from "#app/dashboard/components/text-link.tsx";
import { toDeliveryItem } from "#app/dashboard/delivery-item.ts";
import { embeddedContext } from "#app/dashboard/embedded-context.server.ts";
import { plural } from "#app/dashboard/formatting.ts";
import { holdTerm } from "#app/dashboard/hold-terms.ts";
import { loadHoldsOfOrder, type HoldRow } from "#app/dashboard/holds-page.server.ts";
import { recordText, tellOrder } from "#app/dashboard/order-record.ts";
import { readOrderReceipt } from "#app/dashboard/queries/order-receipt.server.ts";
import { ORDER_MODES, PAGE_NAMES, reasonText, sourceText, termFor } from "#app/dashboard/terms.ts";
import { readId } from "#app/domain/gid.ts";

export async function loader({ request, params }: LoaderFunctionArgs) {
  const { dependencies, install, timeZone } = await embeddedContext(request);
  const orderId = readId("Order", params.orderId ?? "");
  const receipt = orderId === null ? null : await readOrderReceipt(dependencies.database, install.installId, orderId);
  if (receipt === null) throw new Response("Nothing was received about this order in this shop.", { status: 404 });
  return {
    nowMs: dependencies.clock.now().getTime(),
    timeZone,
    orderId: receipt.orderId,
    order: receipt.order,
    deliveries: receipt.deliveries.map(toDeliveryItem),
    record: tellOrder(receipt),
    truncated: receipt.truncated,
    holds: await loadHoldsOfOrder(dependencies, install, receipt.orderId),
  };
}

export default function OrderRecord() {
  const { orderId, order, deliveries, record, nowMs, timeZone, truncated, holds } = useLoaderData<typeof loader>();
  const modeCode = order?.mode ?? null;
  const mode = modeCode === null ? null : termFor(ORDER_MODES, modeCode);
  const rulesVersion = order?.settingsVersion ?? null;
  const duplicates = deliveries.reduce((sum, delivery) => sum + delivery.duplicates, 0);
  const facts = [
    { name: "Received", value: `${plural(deliveries.length, "notification")}, and ${plural(duplicates, "repetition")} that ${duplicates === 1 ? "was" : "were"} stopped` },
    { name: "Order source", value: order === null ? "not read yet" : `${sourceText(`name:${order.sourceName ?? ""}`)}${order.appId === null ? "" : ` (app ${order.appId})`}` },
    { name: "What Holdfast does", value: [mode?.meaning, reasonText(order?.modeReason ?? null)].filter(Boolean).join(" ") || "Not decided yet." },
    ...(order === null || order.state === "settled" ? [] : [{ name: "Now", value: reasonText(order.stateReason) ?? "Holdfast is working on it." }]),
    { name: "Rules", value: rulesVersion === null ? "not decided yet" : `Settings version ${rulesVersion}` },
    ...holds.map((hold) => ({ name: "Hold", value: <HoldOfOrder hold={hold} /> })),
  ];
  const title = `Order ${order?.name ?? orderId}`;
  return (
    <DashboardPage title={title} subtitle="Stock record" back={{ label: PAGE_NAMES.history, url: "/app/history" }} {...(mode === null ? {} : { badge: <TermBadge term={mode} /> })}>
      <BlockStack gap="400">
        <Banner tone={record.verdict.tone === "attention" ? "warning" : record.verdict.tone} title={record.verdict.title} {...(record.verdict.tone === "warning" ? { action: { content: PAGE_NAMES.review, url: "/app/review" } } : {})}>
          <p>{record.verdict.text}</p>
        </Banner>
        <Card>
          <Facts facts={facts} />
        </Card>
        {record.lines.length === 0 ? null : (
          <Card padding="0">
            <Section title="What it did to your stock" />
            <OrderRecordLines lines={record.lines} nowMs={nowMs} timeZone={timeZone} />
          </Card>
        )}
        <Card>
          <BlockStack gap="300">
            <Text as="h2" variant="headingMd">
              {record.doubled ? "What is known" : "Why it counted once"}
            </Text>
            <List>
              {record.proof.map((sentence) => (
                <List.Item key={sentence}>{sentence}</List.Item>
              ))}
            </List>
            <div className="hf-not-printed">
              <InlineStack gap="200">
                <CopyTextButton label="Copy the stock record" text={recordText(record, { title, timeZone })} />
                <Button onClick={() => window.print()}>Print</Button>
              </InlineStack>
            </div>
          </BlockStack>
        </Card>
        <Card padding="0">
          <Section title="Notifications received">{truncated ? <Text as="p">There are more than can be listed here.</Text> : null}</Section>
          <DeliveriesList items={deliveries} nowMs={nowMs} timeZone={timeZone} />
        </Card>
      </BlockStack>
    </DashboardPage>
  );
}

/** Its units were put aside before the order was there; the order itself took its stock as every order does. */
function HoldOfOrder({ hold }: { readonly hold: HoldRow }) {
  return (
    <>
      <TextLink url={`/app/holds/${hold.id}`}>{hold.heading}</TextLink> <TermBadge term={holdTerm(hold)} />
    </>
  );
}

function Section({ title, children }: { readonly title: string; readonly children?: React.ReactNode }) {
  return (
    <div style={{ padding: "var(--p-space-400)" }}>
      <BlockStack gap="200">
        <Text as="h2" variant="headingMd">
          {title}
        </Text>
        {children}
      </BlockStack>
    </div>
  );
}

export function ErrorBoundary() {
  return <RouteError title="Stock record" back={{ label: PAGE_NAMES.history, url: "/app/history" }} />;
}
