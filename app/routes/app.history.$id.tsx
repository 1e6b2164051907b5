// HTTP: one change of stock, with its whole way from the notification to Shopify's answer.

import type { LoaderFunctionArgs } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { BlockStack, Card, Text } from "@shopify/polaris";

import { changeHeading, tellChange } from "#app/dashboard/change-story.ts";
import { Copyable } from "#app/dashboard/components/copyable.tsx";
import { DashboardPage } from "#app/dashboard/components/dashboard-page.tsx";
import { Facts } from "#app/dashboard/components/facts.tsx";
import { ChangeActs } from "#app/dashboard/components/review/change-acts.tsx";
import { RouteError } from "#app/dashboard/components/route-error.tsx";
import { Story } from "#app/dashboard/components/story.tsx";
import { TermBadge } from "#app/dashboard/components/term-badge.tsx";
import { embeddedContext } from "#app/dashboard/embedded-context.server.ts";
import { formatDelta, formatQuantity } from "#app/dashboard/formatting.ts";
import { readChangeDetail } from "#app/dashboard/queries/change-detail.server.ts";
import { withActs } from "#app/dashboard/queries/list-parked.server.ts";
import { readRowId } from "#app/dashboard/queries/row-id.ts";
import { toReviewRow } from "#app/dashboard/review-page.server.ts";
import { CHANGE_STATES, PAGE_NAMES, reasonText, refusalTerm, termFor } from "#app/dashboard/terms.ts";

export async function loader({ request, params }: LoaderFunctionArgs) {
  const { dependencies, install, timeZone } = await embeddedContext(request);
  const id = readRowId(params.id);
  const detail = id === null ? null : await readChangeDetail(dependencies.database, install.installId, id);
  if (detail === null) throw new Response("There is no such change in this shop.", { status: 404 });
  const { change } = detail;
  const facts = await dependencies.review.desk.facts(install.installId, [change.id]);
  return {
    nowMs: dependencies.clock.now().getTime(),
    timeZone,
    row: toReviewRow(withActs(change, facts.get(change.id))),
    fromHold: change.quantityName === "hold",
    quantityName: change.quantityName === "hold" || change.quantityName === "bundle" ? "available" : change.quantityName,
    itemId: change.inventoryItemId,
    traceId: change.traceId,
    steps: tellChange(detail),
  };
}

export default function ChangePage() {
  const { row, steps, nowMs, timeZone, fromHold, quantityName, itemId, traceId } = useLoaderData<typeof loader>();
  const term = termFor(CHANGE_STATES, row.state);
  const reason = reasonText(row.reason);
  const code = refusalTerm(row.reason);
  const facts = [
    { name: "Item", value: itemId === null ? row.item : `${row.item}${row.sku === null || row.sku === row.item ? "" : ` (${row.sku})`}` },
    { name: "Location", value: row.location ?? "none assigned" },
    { name: "Change", value: row.delta === 0 ? "none" : `${formatDelta(row.delta)} ${quantityName}` },
    { name: "Before → after", value: `${formatQuantity(row.before)} → ${formatQuantity(row.after)}` },
    { name: "What this means", value: [term.meaning, reason].filter(Boolean).join(" ") },
    ...(code === null ? [] : [{ name: "Shopify's code", value: <Copyable value={code} name="Shopify's code" /> }]),
    { name: "Trace id", value: <Copyable value={traceId} name="trace id" /> },
  ];
  return (
    <DashboardPage
      title={changeHeading(row)}
      subtitle="Change of stock"
      back={{ label: PAGE_NAMES.history, url: "/app/history" }}
      badge={<TermBadge term={term} />}
    >
      <BlockStack gap="400">
        <ChangeActs key={row.id} row={row} timeZone={timeZone} />
        <Card>
          <Facts facts={facts} />
        </Card>
        <Card>
          <BlockStack gap="400">
            <Text as="h2" variant="headingMd">
              {fromHold ? "From the decision to the result" : "From the notification to the result"}
            </Text>
            <Story steps={steps} nowMs={nowMs} timeZone={timeZone} />
          </BlockStack>
        </Card>
      </BlockStack>
    </DashboardPage>
  );
}

export function ErrorBoundary() {
  return <RouteError title="Change of stock" back={{ label: PAGE_NAMES.history, url: "/app/history" }} />;
}
