// HTTP: one overwrite: what was written over what, which orders it forgot, who writes there, and what a person may do about it.

import type { ActionFunctionArgs, LoaderFunctionArgs } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { BlockStack, Card, Text } from "@shopify/polaris";

import { DashboardPage } from "#app/dashboard/components/dashboard-page.tsx";
import { Facts, type Fact } from "#app/dashboard/components/facts.tsx";
import { Moment } from "#app/dashboard/components/moment.tsx";
import { CompareItem } from "#app/dashboard/components/problems/compare-item.tsx";
import { CorrectionCard } from "#app/dashboard/components/problems/correction-card.tsx";
import { ForeignWrites } from "#app/dashboard/components/problems/foreign-writes.tsx";
import { StockPictureCard } from "#app/dashboard/components/problems/stock-picture.tsx";
import { RouteError } from "#app/dashboard/components/route-error.tsx";
import { TermBadge } from "#app/dashboard/components/term-badge.tsx";
import { TextLink } from "#app/dashboard/components/text-link.tsx";
import { useLiveUpdates } from "#app/dashboard/components/use-live-updates.ts";
import { actOnCorrection } from "#app/dashboard/correction-acts.server.ts";
import { embeddedContext } from "#app/dashboard/embedded-context.server.ts";
import { formatCount, formatQuantity, plural } from "#app/dashboard/formatting.ts";
import { historyQuery } from "#app/dashboard/history-filters.ts";
import { CONFIDENCE_TERMS } from "#app/dashboard/oversell-terms.ts";
import { overwriteStory, overwrittenUrl } from "#app/dashboard/overwrite-view.ts";
import { loadOverwrite, type OverwriteDetail } from "#app/dashboard/overwritten-page.server.ts";
import { OVERWRITE_STATES } from "#app/dashboard/problem-terms.ts";
import { PAGE_NAMES, termFor } from "#app/dashboard/terms.ts";
import { correctionPorts } from "#app/dashboard/wiring.server.ts";

export async function loader({ request, params }: LoaderFunctionArgs) {
  const { dependencies, install, timeZone } = await embeddedContext(request);
  const detail = await loadOverwrite(dependencies, install, timeZone, params.id);
  if (detail === null) throw new Response("There is no such overwrite in this shop.", { status: 404 });
  return detail;
}

export async function action({ request, params }: ActionFunctionArgs) {
  const context = await embeddedContext(request);
  return actOnCorrection(correctionPorts(), context, "conflict", params.id, await request.formData());
}

export default function Overwrite() {
  const page = useLoaderData<typeof loader>();
  useLiveUpdates();
  const { overwrite, decided, timeZone, nowMs } = page;
  const { unitsAtRisk, endedAt } = overwrite;
  const units = plural(unitsAtRisk, "unit");
  return (
    <DashboardPage
      title={`${overwrite.item}: ${formatQuantity(overwrite.valueBefore)} overwritten by ${formatQuantity(overwrite.valueWritten)}`}
      subtitle={PAGE_NAMES.overwritten}
      back={{ label: PAGE_NAMES.overwritten, url: "/app/overwritten" }}
      badge={<TermBadge term={termFor(OVERWRITE_STATES, overwrite.state)} />}
    >
      <BlockStack gap="400">
        <Card>
          <BlockStack gap="300">
            <Text as="h2" variant="headingMd">
              What happened
            </Text>
            {overwriteStory(overwrite, timeZone).map((sentence) => (
              <Text key={sentence} as="p">
                {sentence}
              </Text>
            ))}
            <Facts facts={factsOf(page)} />
          </BlockStack>
        </Card>
        <CorrectionCard
          key={overwrite.id}
          address={`/app/overwritten/${overwrite.id}`}
          item={overwrite.item}
          location={overwrite.location}
          open={overwrite.state === "open"}
          proposedDelta={-unitsAtRisk}
          mode={page.mode}
          decided={decided}
          ended={endedAt === null ? null : { at: endedAt, by: overwrite.endedBy, note: overwrite.note }}
          advice={`If nobody has counted since, take the ${units} again: then Shopify sells no more than there is. If somebody counted, or the orders were not real, leave it as it is.`}
          why={`${units} of ${plural(overwrite.orderCount, "order")} went back on sale when the number was overwritten.`}
          leaving="No stock changes. It leaves the list of what is open, and its units no longer count as sold twice."
          nowMs={nowMs}
          timeZone={timeZone}
        />
        <ForgottenOrders page={page} />
        <CompareItem inventoryItemId={overwrite.inventoryItemId} />
        <StockPictureCard
          id="overwrite-numbers"
          heading="The number around that moment"
          picture={page.picture}
          label={`Available stock around the overwrite: ${formatQuantity(overwrite.valueBefore)} became ${formatQuantity(overwrite.valueWritten)}.`}
          timeZone={timeZone}
        />
        <ForeignWrites page={page} />
      </BlockStack>
    </DashboardPage>
  );
}

function factsOf({ overwrite, nowMs, timeZone }: OverwriteDetail): Fact[] {
  const confidence = termFor(CONFIDENCE_TERMS, overwrite.confidence);
  return [
    { name: "Item", value: <TextLink url={`/app/history${historyQuery({ item: overwrite.inventoryItemId })}`}>{`${overwrite.item}${overwrite.sku === null || overwrite.sku === overwrite.item ? "" : ` (${overwrite.sku})`}`}</TextLink> },
    { name: "Location", value: overwrite.location },
    { name: "When", value: <Moment at={overwrite.at} nowMs={nowMs} timeZone={timeZone} exact /> },
    { name: "Units at risk", value: formatCount(overwrite.unitsAtRisk) },
    {
      name: "How often",
      value: <TextLink url={overwrittenUrl("all", { item: overwrite.inventoryItemId })}>{overwrite.timesLastDay === 1 ? "once in the day up to this" : `${formatCount(overwrite.timesLastDay)} times in the day up to this`}</TextLink>,
    },
    { name: "How sure this is", value: `${confidence.label}. ${overwrite.confidence === "certain" ? "The number is exactly the one from before several sales." : "The number is exactly the one from before; it could be chance."}` },
  ];
}

function ForgottenOrders({ page: { overwrite } }: { readonly page: OverwriteDetail }) {
  const more = overwrite.orderCount - overwrite.orders.length;
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">
          Orders whose units were forgotten
        </Text>
        {overwrite.orders.length === 0 ? (
          <Text as="p">What was taken belongs to no order that Holdfast knows.</Text>
        ) : (
          <ul className="hf-lines">
            {overwrite.orders.map((order) => (
              <li key={order.orderId}>
                <TextLink url={`/app/history/orders/${order.orderId}`}>{order.name}</TextLink>
                {order.units === 0 ? "" : order.units > 0 ? `: ${plural(order.units, "unit")}` : `: ${plural(-order.units, "unit")} put back`}
              </li>
            ))}
          </ul>
        )}
        {more > 0 ? <Text as="p" tone="subdued">{`and ${formatCount(more)} more`}</Text> : null}
      </BlockStack>
    </Card>
  );
}

export function ErrorBoundary() {
  return <RouteError title={PAGE_NAMES.overwritten} back={{ label: PAGE_NAMES.overwritten, url: "/app/overwritten" }} />;
}
