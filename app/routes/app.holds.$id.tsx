// HTTP: one hold: what it puts aside, for how long, what became of it, and what a person may decide.

import type { ActionFunctionArgs, LoaderFunctionArgs } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { BlockStack, Card, Text } from "@shopify/polaris";

import { Copyable } from "#app/dashboard/components/copyable.tsx";
import { DashboardPage } from "#app/dashboard/components/dashboard-page.tsx";
import { Facts, type Fact } from "#app/dashboard/components/facts.tsx";
import { HoldActs } from "#app/dashboard/components/holds/hold-acts.tsx";
import { HoldLines } from "#app/dashboard/components/holds/hold-lines.tsx";
import { Moment } from "#app/dashboard/components/moment.tsx";
import { RouteError } from "#app/dashboard/components/route-error.tsx";
import { TermBadge } from "#app/dashboard/components/term-badge.tsx";
import { TextLink } from "#app/dashboard/components/text-link.tsx";
import { embeddedContext } from "#app/dashboard/embedded-context.server.ts";
import { actOnHolds } from "#app/dashboard/hold-acts.server.ts";
import { holdTerm, ORDER_MAKING_TERMS } from "#app/dashboard/hold-terms.ts";
import { formatAhead } from "#app/dashboard/hold-view.ts";
import { loadHold, type HoldDetail } from "#app/dashboard/holds-page.server.ts";
import { refusedToPerson } from "#app/dashboard/staff-permission.server.ts";
import { actorText, PAGE_NAMES } from "#app/dashboard/terms.ts";
import { holdPorts } from "#app/dashboard/wiring.server.ts";

export async function loader({ request, params }: LoaderFunctionArgs) {
  const { dependencies, install, timeZone } = await embeddedContext(request);
  const detail = await loadHold(dependencies, install, timeZone, params.id);
  if (detail === null) throw new Response("There is no such hold in this shop.", { status: 404 });
  return detail;
}

export async function action({ request }: ActionFunctionArgs) {
  const context = await embeddedContext(request);
  return (await refusedToPerson(context)) ?? actOnHolds(holdPorts(), context, await request.formData());
}

export default function Hold() {
  const page = useLoaderData<typeof loader>();
  const { hold } = page;
  return (
    <DashboardPage title={hold.heading} subtitle="Hold" back={{ label: PAGE_NAMES.holds, url: "/app/holds" }} badge={<TermBadge term={holdTerm(hold)} />}>
      <BlockStack gap="400">
        <HoldActs key={hold.id} page={page} />
        <Card>
          <BlockStack gap="300">
            <Text as="h2" variant="headingMd">
              {hold.state === "released" || hold.state === "expired" || hold.settlement === "done" ? "What it put aside" : "What it puts aside"}
            </Text>
            <HoldLines lines={hold.lines} />
          </BlockStack>
        </Card>
        <Card>
          <BlockStack gap="300">
            <Text as="h2" variant="headingMd">
              What became of it
            </Text>
            <Facts facts={factsOf(page)} />
          </BlockStack>
        </Card>
      </BlockStack>
    </DashboardPage>
  );
}

function factsOf({ hold, nowMs, timeZone }: HoldDetail): Fact[] {
  const exact = (at: Date) => <Moment at={at} nowMs={nowMs} timeZone={timeZone} exact />;
  const ended = hold.finishedBy === null ? null : <> by {actorText(hold.finishedBy)}</>;
  return [
    { name: "What this means", value: [holdTerm(hold).meaning, hold.late ? "It was paid for after it had lapsed; the units were still there and were taken again." : ""].filter(Boolean).join(" ") },
    { name: "Asked for", value: exact(hold.createdAt) },
    hold.state === "active" ? { name: "Lapses", value: <>{exact(hold.expiresAt)}, {formatAhead(hold.expiresAt, nowMs)}</> } : { name: "Would have lapsed", value: exact(hold.expiresAt) },
    ...(hold.finishedAt === null ? [] : [{ name: hold.state === "committed" ? "Paid for" : "Ended", value: <>{exact(hold.finishedAt)}{ended}</> }]),
    ...(hold.settledAt === null ? [] : [{ name: "Order took its stock", value: exact(hold.settledAt) }]),
    { name: "Order", value: orderOf(hold) },
    ...(hold.making === null || hold.making === "created" ? [] : [{ name: "Order at Shopify", value: `${ORDER_MAKING_TERMS[hold.making]}${hold.makingFailure === null ? "" : `: ${hold.makingFailure}`}` }]),
    ...(hold.paymentReference === null ? [] : [{ name: "Payment", value: <Copyable value={hold.paymentReference} name="payment reference" /> }]),
    ...(hold.reference === null ? [] : [{ name: "Checkout's reference", value: <Copyable value={hold.reference} name="reference" /> }]),
    { name: "Hold id", value: <Copyable value={hold.id} name="hold id" /> },
    { name: "Trace id", value: <Copyable value={hold.traceId} name="trace id" /> },
  ];
}

function orderOf({ orderId, orderName, state }: HoldDetail["hold"]) {
  if (orderId !== null) return <TextLink url={`/app/history/orders/${orderId}`}>{orderName ?? `Order ${orderId}`}</TextLink>;
  return state === "committed" ? "not seen yet" : "none";
}

export function ErrorBoundary() {
  return <RouteError title="Hold" back={{ label: PAGE_NAMES.holds, url: "/app/holds" }} />;
}
