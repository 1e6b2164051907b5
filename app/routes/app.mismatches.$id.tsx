// HTTP: one mismatch: both numbers, what explains the difference and by which evidence, and what a person may do about it.

import type { ActionFunctionArgs, LoaderFunctionArgs } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { BlockStack, Card, Text } from "@shopify/polaris";

import { DashboardPage } from "#app/dashboard/components/dashboard-page.tsx";
import { Facts } from "#app/dashboard/components/facts.tsx";
import { Moment } from "#app/dashboard/components/moment.tsx";
import { CompareItem } from "#app/dashboard/components/problems/compare-item.tsx";
import { CorrectionCard } from "#app/dashboard/components/problems/correction-card.tsx";
import { MismatchEvidenceCard } from "#app/dashboard/components/problems/mismatch-evidence.tsx";
import { StockPictureCard } from "#app/dashboard/components/problems/stock-picture.tsx";
import { RouteError } from "#app/dashboard/components/route-error.tsx";
import { TermBadge } from "#app/dashboard/components/term-badge.tsx";
import { TextLink } from "#app/dashboard/components/text-link.tsx";
import { useLiveUpdates } from "#app/dashboard/components/use-live-updates.ts";
import { actOnCorrection } from "#app/dashboard/correction-acts.server.ts";
import { embeddedContext } from "#app/dashboard/embedded-context.server.ts";
import { formatDelta } from "#app/dashboard/formatting.ts";
import { historyQuery } from "#app/dashboard/history-filters.ts";
import { differenceText, numbersText } from "#app/dashboard/mismatch-view.ts";
import { loadMismatch } from "#app/dashboard/mismatches-page.server.ts";
import { explanationTerm, MISMATCH_STATES } from "#app/dashboard/problem-terms.ts";
import { PAGE_NAMES, termFor } from "#app/dashboard/terms.ts";
import { correctionPorts } from "#app/dashboard/wiring.server.ts";

export async function loader({ request, params }: LoaderFunctionArgs) {
  const { dependencies, install, timeZone } = await embeddedContext(request);
  const detail = await loadMismatch(dependencies, install, timeZone, params.id);
  if (detail === null) throw new Response("There is no such mismatch in this shop.", { status: 404 });
  return detail;
}

export async function action({ request, params }: ActionFunctionArgs) {
  const context = await embeddedContext(request);
  return actOnCorrection(correctionPorts(), context, "drift", params.id, await request.formData());
}

export default function Mismatch() {
  const page = useLoaderData<typeof loader>();
  useLiveUpdates();
  const { mismatch, decided, timeZone, nowMs } = page;
  const { endedAt, proposedDelta } = mismatch;
  const term = explanationTerm(mismatch.explanation);
  return (
    <DashboardPage
      title={`${mismatch.item}: ${differenceText(mismatch)}`}
      subtitle="Stock mismatch"
      back={{ label: PAGE_NAMES.mismatches, url: "/app/mismatches" }}
      badge={<TermBadge term={termFor(MISMATCH_STATES, mismatch.state)} />}
    >
      <BlockStack gap="400">
        <Card>
          <BlockStack gap="300">
            <Text as="h2" variant="headingMd">
              {term.label}
            </Text>
            <Text as="p">{term.meaning}</Text>
            <Facts
              facts={[
                { name: "Item", value: <TextLink url={`/app/history${historyQuery({ item: mismatch.inventoryItemId })}`}>{`${mismatch.item}${mismatch.sku === null || mismatch.sku === mismatch.item ? "" : ` (${mismatch.sku})`}`}</TextLink> },
                { name: "Location", value: mismatch.location },
                { name: "Numbers", value: numbersText(mismatch) },
                { name: "Found", value: <><Moment at={mismatch.foundAt} nowMs={nowMs} timeZone={timeZone} exact />{mismatch.ofScan ? " by a comparison of all stock" : " when this item was compared"}</> },
                { name: "Proposed", value: proposedDelta === null ? "nothing: Shopify's number stands" : `${formatDelta(proposedDelta)} available` },
              ]}
            />
          </BlockStack>
        </Card>
        <CorrectionCard
          key={mismatch.id}
          address={`/app/mismatches/${mismatch.id}`}
          item={mismatch.item}
          location={mismatch.location}
          open={mismatch.state === "open"}
          proposedDelta={proposedDelta}
          mode={page.mode}
          decided={decided}
          ended={endedAt === null ? null : { at: endedAt, by: mismatch.endedBy, note: mismatch.note }}
          advice={term.advice}
          why={mismatch.proposedBecause === "doubled" ? "A call of Holdfast's counted twice; the second time is undone." : "A change that is booked as applied never took effect; it is sent now."}
          leaving="No stock changes. It leaves the list of what is open."
          nowMs={nowMs}
          timeZone={timeZone}
        />
        <MismatchEvidenceCard page={page} />
        <CompareItem inventoryItemId={mismatch.inventoryItemId} />
        <StockPictureCard id="mismatch-numbers" heading="The number before it was found" picture={page.picture} label={`Available stock before the mismatch was found. ${numbersText(mismatch)}.`} timeZone={timeZone} />
      </BlockStack>
    </DashboardPage>
  );
}

export function ErrorBoundary() {
  return <RouteError title="Stock mismatch" back={{ label: PAGE_NAMES.mismatches, url: "/app/mismatches" }} />;
}
