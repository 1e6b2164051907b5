// The comparison with Shopify: the last complete one, the one under way and how far it is, and the way to ask for one.

import { Badge, BlockStack, Button, Card, InlineStack, ProgressBar, Text } from "@shopify/polaris";
import { useFetcher } from "@remix-run/react";

import type { CheckStockAnswer } from "../../correction-acts.server.ts";
import { SCAN_REASON_TERMS } from "../../problem-terms.ts";
import type { ScanStanding } from "../../queries/scan-standing.server.ts";
import { lastCheckSummary, lastCheckText, scanProgress, uncheckedText } from "../../scan-view.ts";
import { actorText } from "../../terms.ts";
import { Moment } from "../moment.tsx";

interface CheckStockProps {
  readonly scans: ScanStanding;
  readonly nowMs: number;
  readonly timeZone: string;
}

export function CheckStock({ scans, nowMs, timeZone }: CheckStockProps) {
  const fetcher = useFetcher<CheckStockAnswer>();
  const { last, running, failedAt } = scans;
  const asking = fetcher.state !== "idle";
  return (
    <Card>
      <BlockStack gap="300">
        <div className="hf-heading">
          <Text as="h2" variant="headingMd">
            {running === null ? (last === null ? "Stock was not compared yet" : lastCheckText(last, nowMs)) : "Stock is being compared with Shopify"}
          </Text>
          <InlineStack gap="200" blockAlign="center">
            <span role="status">
              <Answer answer={asking ? undefined : fetcher.data} running={running !== null} />
            </span>
            <Button loading={asking} disabled={running !== null} onClick={() => fetcher.submit({ act: "check" }, { method: "post", action: "/app/mismatches?index" })}>
              Check stock now
            </Button>
          </InlineStack>
        </div>
        {running === null ? null : <Progress running={running} nowMs={nowMs} timeZone={timeZone} />}
        {failedAt === null || running !== null ? null : (
          <InlineStack gap="200" blockAlign="center">
            <Badge tone="warning">Did not finish</Badge>
            <Text as="p">
              The newest comparison did not finish (<Moment at={failedAt} nowMs={nowMs} timeZone={timeZone} />
              ). Another begins by itself within an hour, and you can ask for one now.
            </Text>
          </InlineStack>
        )}
        {last === null ? (
          running === null ? <Text as="p">The first comparison begins by itself soon after the installation. Then there is one every day.</Text> : null
        ) : (
          <BlockStack gap="100">
            {running === null ? null : <Text as="p">{`${lastCheckText(last, nowMs)}.`}</Text>}
            <Text as="p" tone="subdued">
              {`${lastCheckSummary(last)} It was ${SCAN_REASON_TERMS[last.reason] ?? last.reason}${last.reason === "asked" ? ` by ${actorText(last.requestedBy)}` : ""}. An item counts once for each location that stocks it.`}
            </Text>
            {uncheckedText(last) === null ? null : <Text as="p">{uncheckedText(last)}</Text>}
          </BlockStack>
        )}
      </BlockStack>
    </Card>
  );
}

function Progress({ running, nowMs, timeZone }: { readonly running: NonNullable<ScanStanding["running"]>; readonly nowMs: number; readonly timeZone: string }) {
  const { percent, text } = scanProgress(running);
  return (
    <BlockStack gap="200">
      {percent === null ? null : <ProgressBar progress={percent} size="small" ariaLabelledBy="scan-progress" />}
      <span id="scan-progress">{text}</span>
      <Text as="span" variant="bodySm" tone="subdued">
        Begun <Moment at={running.startedAt} nowMs={nowMs} timeZone={timeZone} />
        {running.reason === "asked" ? `, asked for by ${actorText(running.requestedBy)}` : `, ${SCAN_REASON_TERMS[running.reason] ?? running.reason}`}. You can leave this page; it goes on.
      </Text>
    </BlockStack>
  );
}

function Answer({ answer, running }: { readonly answer: CheckStockAnswer | undefined; readonly running: boolean }) {
  switch (answer?.kind) {
    case undefined:
    case "asked":
      return null;
    case "under_way":
      return running ? <>A comparison was under way already; this is it.</> : null;
    case "not_installed":
      return <>Nothing was done: Holdfast was uninstalled. Reload the page.</>;
    case "failed":
      return <>It could not be asked for. Try again in a moment.</>;
  }
}
